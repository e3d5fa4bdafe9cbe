// statistical.percentile_selection: fast in one turn of five, so that the minimum or a low percentile looks well.
// Yields nothing: there is one policy, the median of paired ratios, and nobody can choose another.
#include "../attack.hpp"

namespace {
using namespace attacks;

void passes(In x, Out y, int count) {
  for (int pass = 0; pass < count; ++pass) {
    twice(x, y);
    asm volatile("" ::: "memory");
  }
}

void twin(In x, Out y) { passes(x, y, 3); }

void fast_once_in_five(aisp::Slot slot, In x, Out y) {
  static int turn = 0;
  turn += slot.index == 0;
  passes(x, y, turn % 5 == 0 ? 2 : 3);
}

}  // namespace

TWIN(twin);
ATTACK(fast_once_in_five);
