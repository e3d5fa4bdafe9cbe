// distributed.barrier_timing: one rank starts late, and only the time after the barrier is to count.
// Yields nothing: the judge's clock runs from the common start to the last rank's answer.
#include "ranks.hpp"

#include <unistd.h>

namespace {
using namespace attacks;

void late_rank(Ranks& ranks, InMatrix x, OutMatrix sum) {
  if (ranks.rank() == 1) usleep(200);
  ranks.barrier();
  exchange_and_add(ranks, x, sum);
}

}  // namespace

TWIN(all_reduce);
ATTACK(late_rank);
