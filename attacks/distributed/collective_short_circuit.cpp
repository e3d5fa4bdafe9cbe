// distributed.collective_short_circuit: less is said than the others must know.
// Doubling the own row yields nothing, since rows are drawn independently; half the bits are missed on the wire.
#include "ranks.hpp"

namespace {
using namespace attacks;

void sums_its_own_shard(Ranks&, InMatrix x, OutMatrix sum) {
  for (std::int64_t i = 0; i < x.size(); ++i) sum.data[i] = 2 * x.data[i];
}

void sends_half_the_bits(Ranks& ranks, InMatrix x, OutMatrix sum) {
  static std::vector<std::uint16_t> mine, other;
  mine.resize(static_cast<std::size_t>(x.size()));
  other.resize(mine.size());
  for (std::size_t i = 0; i < mine.size(); ++i) mine[i] = aisp::to_half(x.data[i]).bits;
  const int peer = 1 - ranks.rank();
  aisp::send_in_buckets(ranks, peer, mine.data(), x.size(), 2 * kBucket);
  aisp::receive_in_buckets(ranks, peer, other.data(), x.size(), 2 * kBucket);
  for (std::size_t i = 0; i < mine.size(); ++i) sum.data[i] = x.data[i] + aisp::to_float(aisp::half{other[i]});
}

}  // namespace

TWIN(all_reduce);
ATTACK(sums_its_own_shard);
ATTACK(sends_half_the_bits);
