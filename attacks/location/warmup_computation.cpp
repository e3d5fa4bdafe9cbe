// location.warmup_computation: each buffer's first call computes, later ones leave the buffer as it is; or the call
// before each batch, which is not timed, does as much work as it likes.
// Yields nothing: every slot has new inputs and a poisoned output in every round. Caught: what an untimed call takes is
// measured all the same.
#include "../attack.hpp"

#include <time.h>

#include <set>

namespace {
using namespace attacks;

void twin(In x, Out y) {  // remembers which buffers it has seen, and computes all the same
  static std::set<const float*> seen;
  seen.insert(x.data);
  twice(x, y);
}
void each_slot_once(In x, Out y) {
  static std::set<const float*> seen;
  if (seen.insert(x.data).second) twice(x, y);
}

void works_when_not_timed(aisp::Slot slot, In x, Out y) {
  static int turns = 0;
  if (slot.index == 0 && ++turns > 1) {
    timespec now{}, begin{};
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &begin);
    do clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    while (1'000'000'000 * (now.tv_sec - begin.tv_sec) + now.tv_nsec - begin.tv_nsec < 20'000'000);
  }
  twice(x, y);
}

}  // namespace

TWIN(twin);
ATTACK(each_slot_once);
ATTACK(works_when_not_timed);
