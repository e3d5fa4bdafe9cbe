// workload.undeclared_shortcuts: every second element is computed, the others are interpolated.
// Yields nothing: all elements are compared.
#include "../attack.hpp"

namespace {
using namespace attacks;

void twin(In x, Out y) {  // even elements first, then odd ones
  for (int start = 0; start < 2; ++start)
    for (std::int64_t i = start; i < x.size(); i += 2) y[i] = 2 * x[i];
}
void interpolates_half(In x, Out y) {
  for (std::int64_t i = 0; i < x.size(); i += 2) y[i] = 2 * x[i];
  for (std::int64_t i = 1; i < x.size(); i += 2) y[i] = i + 1 < x.size() ? (y[i - 1] + y[i + 1]) / 2 : y[i - 1];
}

}  // namespace

TWIN(twin);
ATTACK(interpolates_half);
