// timing.profiler_overhead: an honest variant whose worker runs under a tracer (environment/meddler.cpp).
// Caught: the kernel names the tracer of a process. The twin runs alone.
#include "../attack.hpp"

namespace {
using namespace attacks;

void twin(In x, Out y) { twice(x, y); }
void traced(In x, Out y) { twice(x, y); }

}  // namespace

TWIN(twin);
ATTACK(traced);
