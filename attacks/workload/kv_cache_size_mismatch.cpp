// workload.kv_cache_size_mismatch: a ring of half the length, in which new entries overwrite the oldest.
// Yields nothing: the oldest entries weigh as much as the newest.
#include "../attention.hpp"

namespace {
using namespace attacks;

void twin(InMatrix q, InMatrix k, InMatrix v, OutMatrix y) {
  attention(q, k, v, y, [](auto, auto) { return true; });
}
void half_the_ring(InMatrix q, InMatrix k, InMatrix v, OutMatrix y) {
  const auto lost = k.dim(0) / 2;
  attention(q, k, v, y, [=](auto, auto j) { return j >= lost; });
}

}  // namespace

TWIN(twin);
ATTACK(half_the_ring);
