// environment.priority_elevation: the variant asks to be scheduled before others; or somebody changes its priority
// (environment/meddler.cpp).
// Caught: the call is refused and named; nice value and policy of each turn.
#include "../attack.hpp"

#include <sys/resource.h>

namespace {
using namespace attacks;

void twin(In x, Out y) {  // asking is free
  getpriority(PRIO_PROCESS, 0);
  twice(x, y);
}
void asks_for_minus_20(In x, Out y) {
  setpriority(PRIO_PROCESS, 0, -20);
  twice(x, y);
}
void reniced(In x, Out y) { twice(x, y); }

}  // namespace

TWIN(twin);
ATTACK(asks_for_minus_20);
ATTACK(reniced);
