// distributed.rank_skipping: one rank returns at once.
// Yields nothing: the output of every rank is compared.
#include "ranks.hpp"

namespace {
using namespace attacks;

void twin(In a, In b, Out y0, Out y1) { all_reduce(a, b, y0, y1); }
void rank_returns_at_once(In a, In b, Out y0, Out y1) {
  both([&](int rank) {
    if (rank == 0) add(a, b, y0);
  });
  (void)y1;
}

}  // namespace

TWIN(twin, .threads = 2);
ATTACK(rank_returns_at_once, .threads = 2);
