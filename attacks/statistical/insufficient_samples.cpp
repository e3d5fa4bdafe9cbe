// statistical.insufficient_samples: a real speedup from three pairs.
// Yields nothing: an interval needs six. The twin, slower by as much, is the baseline.
#include "../attack.hpp"

namespace {
using namespace attacks;

void twin(In x, Out y) {
  for (int pass = 0; pass < 4; ++pass) {
    twice(x, y);
    asm volatile("" ::: "memory");
  }
}
void three_pairs(In x, Out y) { twice(x, y); }

}  // namespace

TWIN(twin);
ATTACK(three_pairs);
