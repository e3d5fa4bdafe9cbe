// output.shape_mismatch: more or fewer elements are written than the output has.
// Caught: guard zones before and after each output, and the poison of what was not written.
#include "../attack.hpp"

namespace {
using namespace attacks;

void twin(In x, Out y) {  // backwards, to both ends exactly
  for (std::int64_t i = x.size() - 1; i >= 0; --i) y[i] = 2 * x[i];
}
void past_the_end(In x, Out y) {
  twice(x, y);
  y.data[x.size()] = 1;
}
void before_the_start(In x, Out y) {
  twice(x, y);
  y.data[-1] = 1;
}
void stops_short(In x, Out y) { twice(x, y, 0, x.size() - (x.size() > 1)); }

}  // namespace

TWIN(twin);
ATTACK(past_the_end);
ATTACK(before_the_start);
ATTACK(stops_short);
