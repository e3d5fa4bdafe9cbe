// distributed.async_gradient: the reduction is started and not awaited.
// Yields nothing: outputs are checked while the worker stands still.
#include "ranks.hpp"

#include <unistd.h>

namespace {
using namespace attacks;

void twin(In a, In b, Out y0, Out y1) { all_reduce(a, b, y0, y1); }
void returns_before_the_wait(In a, In b, Out y0, Out y1) {
  std::thread([=] {
    usleep(2000);
    add(a, b, y1);
  }).detach();
  add(a, b, y0);
}

}  // namespace

TWIN(twin, .threads = 2);
ATTACK(returns_before_the_wait, .threads = 2);
