// distributed.collective_short_circuit: each rank doubles its own shard instead of asking for the other's.
// Yields nothing: shards are drawn independently.
#include "ranks.hpp"

namespace {
using namespace attacks;

void twin(In a, In b, Out y0, Out y1) { all_reduce(a, b, y0, y1); }
void sums_its_own_shard(In a, In b, Out y0, Out y1) {
  both([&](int rank) { rank ? add(b, b, y1) : add(a, a, y0); });
}

}  // namespace

TWIN(twin, .threads = 2);
ATTACK(sums_its_own_shard, .threads = 2);
