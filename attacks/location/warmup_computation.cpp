// location.warmup_computation: each buffer's first call computes, later ones leave the buffer as it is.
// Yields nothing: every slot has new inputs and a poisoned output in every round.
#include "../attack.hpp"

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

}  // namespace

TWIN(twin);
ATTACK(each_slot_once);
