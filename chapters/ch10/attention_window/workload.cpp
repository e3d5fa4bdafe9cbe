// Sliding-window attention (Beltagy et al., 2020, arXiv:2004.05150; the layers of Mistral 7B): a query sees the last
// `window` keys up to itself.
#include "../attention_workload.hpp"

AISP_WORKLOAD(w) {
  w.about("Causal attention in BF16 over a sliding window of keys");
  const auto s = attention::sizes(w);
  const auto window =
      w.param("window", {.light = 128, .full = 1024, .held_out = {1, 300}, .edges = {1, 128, 129, 1000000}});
  const double seen = static_cast<double>(std::min(window, s.tokens)), tokens = static_cast<double>(s.tokens);
  attention::attention(w, s, seen * tokens - 0.5 * seen * (seen - 1), [=](Case&) { return attention::Window{window}; });
}
