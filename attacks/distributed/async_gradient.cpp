// distributed.async_gradient: the reduction is started and not awaited; what arrives is taken up by the next call.
// Yields nothing: outputs are checked while all ranks stand still, and the next call reduces other values.
#include "ranks.hpp"

namespace {
using namespace attacks;

void returns_before_the_wait(Ranks& ranks, InMatrix x, OutMatrix sum) {
  static bool begun = false;
  auto& other = received(x.size());
  const int peer = 1 - ranks.rank();
  aisp::send_in_buckets(ranks, peer, x.data, x.size(), kBucket);
  if (begun) aisp::receive_in_buckets(ranks, peer, other.data(), x.size(), kBucket);
  begun = true;
  for (std::int64_t i = 0; i < x.size(); ++i) sum.data[i] = x.data[i] + other[static_cast<std::size_t>(i)];
}

}  // namespace

TWIN(all_reduce);
ATTACK(returns_before_the_wait);
