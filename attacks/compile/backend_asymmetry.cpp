// compile.backend_asymmetry: one variant is compiled with flags that the others do not have.
// Caught: the flags of all variants are recorded and compared with the baseline's.
#include "../attack.hpp"

namespace {
using namespace attacks;

void twin(In x, Out y) { twice(x, y); }
void other_flags(In x, Out y) { twice(x, y); }

}  // namespace

TWIN(twin);
ATTACK(other_flags);
