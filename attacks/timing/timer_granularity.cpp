// timing.timer_granularity: a call of some nanoseconds, measured one call at a time, is the hand-over and nothing else.
// Caught: a batch must last a thousand ticks of the clock. The twin is the same code in batches of the planned size.
#include "../attack.hpp"

namespace {
using namespace attacks;

void twin(In x, Out y) { twice(x, y); }
void one_call_a_batch(In x, Out y) { twice(x, y); }

}  // namespace

TWIN(twin);
ATTACK(one_call_a_batch);
