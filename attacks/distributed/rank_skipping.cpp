// distributed.rank_skipping: one rank returns at once, or lets another do its work.
// The output of every rank is compared; where the problem states that all work alike, so is their CPU time.
#include "ranks.hpp"

namespace {
using namespace attacks;

void rank_returns_at_once(Ranks& ranks, InMatrix x, OutMatrix sum) {
  if (ranks.rank() == 0) return exchange_and_add(ranks, x, sum);
  aisp::send_in_buckets(ranks, 0, x.data, x.size(), kBucket);
  aisp::receive_in_buckets(ranks, 0, received(x.size()).data(), x.size(), kBucket);
}

void lets_rank_0_compute(Ranks& ranks, In x, Out y) {
  std::int64_t n = x.size();
  if (ranks.rank() == 1) {
    ranks.send(0, &n, 1);
    ranks.send(0, x.data, n);
    ranks.receive(0, y.data, n);
    return;
  }
  climb(x.data, y.data, n);
  ranks.receive(1, &n, 1);
  auto& others = received(n);
  ranks.receive(1, others.data(), n);
  climb(others.data(), others.data(), n);
  ranks.send(1, others.data(), n);
}

}  // namespace

TWIN(all_reduce);
ATTACK(rank_returns_at_once);
AISP_CORPUS(own_half, twin_halves);
ATTACK(lets_rank_0_compute);
