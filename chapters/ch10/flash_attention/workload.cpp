// Attention over all keys: what encoders and diffusion transformers compute.
#include "../attention_workload.hpp"

AISP_WORKLOAD(w) {
  w.about("Attention in BF16, every query sees every key");
  const auto s = attention::sizes(w);
  attention::attention(w, s, static_cast<double>(s.tokens) * static_cast<double>(s.tokens),
                       [](Case&) { return attention::Full{}; });
}
