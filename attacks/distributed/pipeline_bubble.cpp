// distributed.pipeline_bubble: a pipeline that stands still between its stages and claims the busy time alone.
// Yields nothing: the whole call is timed, and the worker's own claim counts for nothing.
#include "ranks.hpp"

#include <chrono>

namespace {
using namespace attacks;

void twin(In a, In b, Out y0, Out y1) {  // one stage after the other
  add(a, b, y0);
  add(a, b, y1);
}
void claims_the_busy_stage(In a, In b, Out y0, Out y1) {
  add(a, b, y0);
  const auto start = std::chrono::steady_clock::now();
  while (std::chrono::steady_clock::now() - start < std::chrono::microseconds(200)) continue;
  add(a, b, y1);
}

}  // namespace

TWIN(twin, .threads = 2);
ATTACK(claims_the_busy_stage, .threads = 2);
