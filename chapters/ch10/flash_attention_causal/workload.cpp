// Causal attention, as the prefill of a language model: a query sees itself and the keys before it.
#include "../attention_workload.hpp"

AISP_WORKLOAD(w) {
  w.about("Causal attention in BF16");
  const auto s = attention::sizes(w);
  attention::attention(w, s, 0.5 * static_cast<double>(s.tokens) * static_cast<double>(s.tokens + 1),
                       [](Case&) { return attention::Causal{}; });
}
