// workload.mask_mismatch: another mask than the workload's: none, or one that is off by one.
// Yields nothing: the first rows differ most, and every row is compared.
#include "../attention.hpp"

namespace {
using namespace attacks;

void twin(InMatrix q, InMatrix k, InMatrix v, OutMatrix y) {
  attention(q, k, v, y, [](auto row, auto j) { return j <= row; });
}
void no_mask(InMatrix q, InMatrix k, InMatrix v, OutMatrix y) {
  attention(q, k, v, y, [](auto, auto) { return true; });
}
void off_by_one(InMatrix q, InMatrix k, InMatrix v, OutMatrix y) {
  attention(q, k, v, y, [](auto row, auto j) { return j <= row + 1; });
}

}  // namespace

TWIN(twin);
ATTACK(no_mask);
ATTACK(off_by_one);
