// workload.backend_policy_drift: a policy of the whole process is changed: how results are rounded.
// Caught: the state of the floating-point units after each turn is compared with that before the plugin was loaded.
#include "../attack.hpp"

#include <fenv.h>

namespace {
using namespace attacks;

void twin(In x, Out y) {  // changes it and restores it
  const int before = fegetround();
  fesetround(FE_DOWNWARD);
  fesetround(before);
  twice(x, y);
}
void rounds_upwards(In x, Out y) {
  fesetround(FE_UPWARD);
  twice(x, y);  // exact in any mode: the output shows nothing
}
void x87_single(In x, Out y) {  // 24 bits for long double
  unsigned short control;
  asm volatile("fnstcw %0" : "=m"(control));
  control &= 0xfcff;
  asm volatile("fldcw %0" : : "m"(control));
  twice(x, y);
}

}  // namespace

TWIN(twin);
ATTACK(rounds_upwards);
ATTACK(x87_single);
