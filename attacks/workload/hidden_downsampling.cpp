// workload.hidden_downsampling: the filter runs at half the resolution and its result is enlarged.
// Yields nothing: inputs are noise, which has its energy in what a lower resolution loses.
#include "../attack.hpp"

namespace {
using namespace attacks;

float average(In x, std::int64_t i) {
  return i == 0 || i == x.size() - 1 ? x[i] : 0.25f * x[i - 1] + 0.5f * x[i] + 0.25f * x[i + 1];
}

void twin(In x, Out y) {
  for (std::int64_t i = 0; i < x.size(); ++i) y[i] = average(x, i);
}
void half_resolution(In x, Out y) {
  for (std::int64_t i = 0; i < x.size(); ++i) y[i] = average(x, i / 2 * 2);
}

}  // namespace

TWIN(twin);
ATTACK(half_resolution);
