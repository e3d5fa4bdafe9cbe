// output.uninitialized_memory: elements are left as they were, in the hope that they hold an old answer.
// Caught: they hold poison, whose pattern is random for every call, tensor and slot.
#include "../attack.hpp"

#include <cmath>

namespace {
using namespace attacks;

void twin(In x, Out y) {  // in two halves
  twice(x, y, x.size() / 2, x.size());
  twice(x, y, 0, x.size() / 2);
}
void every_thousandth(In x, Out y) {
  for (std::int64_t i = 0; i < x.size(); ++i)
    if (i % 1000) y[i] = 2 * x[i];
}
void when_it_looks_written(In x, Out y) {  // a finite value of plausible size: somebody must have computed it
  for (std::int64_t i = 0; i < x.size(); ++i)
    if (!(std::fabs(y[i]) < 1e30f && std::fabs(y[i]) > 1e-30f)) y[i] = 2 * x[i];
}

}  // namespace

TWIN(twin);
ATTACK(every_thousandth);
ATTACK(when_it_looks_written);
