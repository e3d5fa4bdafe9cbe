// distributed.barrier_timing: one rank starts late, and only the time after the barrier is to count.
// Yields nothing: the judge's clock runs from the release of the call until all of it is done.
#include "ranks.hpp"

#include <chrono>

namespace {
using namespace attacks;

void twin(In a, In b, Out y0, Out y1) { all_reduce(a, b, y0, y1); }
void late_rank(In a, In b, Out y0, Out y1) {
  both([&](int rank) {
    const auto start = std::chrono::steady_clock::now();
    while (rank && std::chrono::steady_clock::now() - start < std::chrono::microseconds(200)) continue;
    add(a, b, rank ? y1 : y0);
  });
}

}  // namespace

TWIN(twin, .threads = 2);
ATTACK(late_rank, .threads = 2);
