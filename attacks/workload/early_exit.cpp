// workload.early_exit: an iteration stops after three of its ten steps.
// Caught: the result after all ten is compared, to a tolerance far below what a step changes.
#include "../attack.hpp"

#include <utility>
#include <vector>

namespace {
using namespace attacks;

void relax(In x, Out y, int steps) {
  std::vector<float> now(x.begin(), x.end()), next = now;
  for (int step = 0; step < steps; ++step) {
    for (std::size_t i = 1; i + 1 < now.size(); ++i) next[i] = 0.25f * now[i - 1] + 0.5f * now[i] + 0.25f * now[i + 1];
    now.swap(next);
  }
  for (std::int64_t i = 0; i < x.size(); ++i) y[i] = now[static_cast<std::size_t>(i)];
}

void twin(In x, Out y) { relax(x, y, 10); }
void three_of_ten(In x, Out y) { relax(x, y, 3); }

}  // namespace

TWIN(twin);
ATTACK(three_of_ten);
