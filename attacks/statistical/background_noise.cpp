// statistical.background_noise: an honest variant beside a process that keeps its processors busy
// (environment/meddler.cpp).
// Caught: foreign use of the timed processors.
#include "../attack.hpp"

namespace {
using namespace attacks;

void twin(In x, Out y) { twice(x, y); }
void loaded_core(In x, Out y) { twice(x, y); }

}  // namespace

TWIN(twin);
ATTACK(loaded_core);
