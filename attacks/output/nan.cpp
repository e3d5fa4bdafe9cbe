// output.nan: NaN where the reference has a number. A checker that takes |got − expected| > tolerance for wrong is
// blind to it, because every comparison with NaN is false.
// Caught: elements that are not finite are counted by themselves.
#include "../attack.hpp"

#include <algorithm>
#include <limits>

namespace {
using namespace attacks;

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

void twin(In x, Out y) {  // NaN on the way, never in the result
  std::fill(y.begin(), y.end(), kNan);
  twice(x, y);
}
void one(In x, Out y) {
  twice(x, y);
  y[x.size() - 1] = kNan;
}
void everywhere(In, Out y) { std::fill(y.begin(), y.end(), kNan); }

}  // namespace

TWIN(twin);
ATTACK(one);
ATTACK(everywhere);
