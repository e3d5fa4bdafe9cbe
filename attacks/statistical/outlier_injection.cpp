// statistical.outlier_injection: a baseline with slow calls planted among the others.
// Caught: two groups of times that the contestants in the same rounds do not show.
#include "../attack.hpp"

namespace {
using namespace attacks;

void twin(In x, Out y) { twice(x, y); }

void slow_now_and_then(aisp::Slot slot, In x, Out y) {  // in two turns of five: slot 0 is called once in each
  static int turn = 0;
  turn += slot.index == 0;
  for (int pass = 0; pass < (turn % 5 < 2 ? 6 : 1); ++pass) {
    twice(x, y);
    asm volatile("" ::: "memory");
  }
}

}  // namespace

TWIN(twin);
ATTACK(slow_now_and_then);
