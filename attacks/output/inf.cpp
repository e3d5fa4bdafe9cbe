// output.inf: an infinity where the reference has a number.
// Caught: elements that are not finite are counted by themselves.
#include "../attack.hpp"

#include <limits>

namespace {
using namespace attacks;

void twin(In x, Out y) { twice(x, y); }
void one(In x, Out y) {
  twice(x, y);
  y[x.size() / 2] = std::numeric_limits<float>::infinity();
}

}  // namespace

TWIN(twin);
ATTACK(one);
