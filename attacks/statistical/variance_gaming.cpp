// statistical.variance_gaming: a variant with two speeds, in the hope that luck picks the samples.
// Caught: two groups of times that the neighbours in the same rounds do not show.
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

void two_speeds(aisp::Slot slot, In x, Out y) {  // changes with every turn: slot 0 is called once in each
  static int turn = 0;
  turn += slot.index == 0;
  passes(x, y, turn % 2 ? 6 : 1);
}

}  // namespace

TWIN(twin);
ATTACK(two_speeds);
