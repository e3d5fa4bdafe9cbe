// Bucketed: all tensors lie in one buffer, which is reduced at once.
// The lesson: a message costs a latency and its bytes a bandwidth; few large messages pay the first once. What is lost
// is the chance to begin while later gradients are still computed, which is why buckets in practice hold some megabytes
// and not everything. What binds it: bandwidth.
#include <aisp/collectives.hpp>

#include <vector>

namespace {

using Gradients = aisp::Tensor<const float, 3>;  // 1, tensors, width: this rank's
using Means = aisp::Tensor<float, 3>;

void bucketed(aisp::Ranks& ranks, Gradients grad, Means mean) {
  std::vector<float> scratch(static_cast<std::size_t>(grad.size()));
  std::copy_n(grad.data, grad.size(), mean.data);
  aisp::ring_all_reduce(ranks, mean.data, mean.size(), scratch.data());
  for (std::int64_t i = 0; i < mean.size(); ++i) mean.data[i] /= static_cast<float>(ranks.size());
}

}  // namespace

AISP_VARIANT(bucketed, .about = "one all-reduce of all tensors");
