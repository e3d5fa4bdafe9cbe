// Attention under a mask that is data: several documents packed into one sequence, as training batches are (the
// "document mask" of FlexAttention, Dong et al., 2024, arXiv:2412.05496). Which token belongs to which document is
// known before the calls, as a data loader knows it.
#include "../attention_workload.hpp"

AISP_WORKLOAD(w) {
  w.about("Causal attention in BF16 within documents packed into one sequence");
  const auto s = attention::sizes(w);
  const auto documents = w.param("documents", {.light = 4, .full = 12, .held_out = {2, 9}, .edges = {1}});
  // Ends of documents anywhere, empty ones too; numbers rise from 0 to documents − 1.
  w.constant("document", i32, {s.tokens}, custom([=](std::span<double> id, Random& random) {
               std::fill(id.begin(), id.end(), 0.0);
               for (std::int64_t d = 1; d < documents; ++d) id[random.below(id.size())] += 1;  // a document begins here
               for (std::size_t i = 1; i < id.size(); ++i) id[i] += id[i - 1];
             }));
  // Documents of equal length need the fewest pairs.
  const double length = static_cast<double>(s.tokens) / static_cast<double>(documents);
  attention::attention(w, s, 0.5 * static_cast<double>(s.tokens) * (length + 1),
                       [](Case& c) { return attention::Documents<double>{c.in<1>("document").data}; });
}
