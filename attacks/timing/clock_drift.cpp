// timing.clock_drift: the system's clock is set back during a call.
// Caught: the call is refused and named; the judge's clock is one that nobody can set.
#include "../attack.hpp"

#include <sys/timex.h>
#include <time.h>

namespace {
using namespace attacks;

void twin(In x, Out y) {  // reading is free
  timespec t{};
  clock_gettime(CLOCK_REALTIME, &t);
  twice(x, y);
}

void sets_the_clock(In x, Out y) {
  twice(x, y);
  timespec t{};
  clock_gettime(CLOCK_REALTIME, &t);
  --t.tv_sec;
  clock_settime(CLOCK_REALTIME, &t);
}

}  // namespace

TWIN(twin);
ATTACK(sets_the_clock);
