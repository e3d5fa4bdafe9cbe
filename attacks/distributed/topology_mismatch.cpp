// distributed.topology_mismatch: four ranks around a ring are claimed, and two do the work: the others hand in their
// rows and wait. The switch knows who sent to whom.
#include "ranks.hpp"

namespace {
using namespace attacks;

void around_the_ring(Ranks& ranks, InMatrix x, OutMatrix sum) {
  std::copy_n(x.data, x.size(), sum.data);
  aisp::ring_all_reduce(ranks, sum.data, sum.size(), received(x.size()).data());
}

void runs_two_of_four(Ranks& ranks, InMatrix x, OutMatrix sum) {
  const std::int64_t n = x.size();
  const int rank = ranks.rank();
  if (rank >= 2) {
    ranks.send(rank - 2, x.data, n);
    return ranks.receive(rank - 2, sum.data, n);
  }
  auto& other = received(n);
  const auto add = [&] {
    for (std::int64_t i = 0; i < n; ++i) sum.data[i] += other[static_cast<std::size_t>(i)];
  };
  std::copy_n(x.data, n, sum.data);
  ranks.receive(rank + 2, other.data(), n);
  add();
  ranks.send(1 - rank, sum.data, n);
  ranks.receive(1 - rank, other.data(), n);
  add();
  ranks.send(rank + 2, sum.data, n);
}

}  // namespace

TWIN(around_the_ring);
ATTACK(runs_two_of_four);
