// environment.device_mismatch: an honest variant that somebody moves to other processors (environment/meddler.cpp).
// Caught: the processors that a worker may use, before and after each turn, are those that the judge gave it.
#include "../attack.hpp"

namespace {
using namespace attacks;

void twin(In x, Out y) { twice(x, y); }
void moved_to_another_cpu(In x, Out y) { twice(x, y); }

}  // namespace

TWIN(twin);
ATTACK(moved_to_another_cpu);
