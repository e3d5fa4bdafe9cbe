// Who runs when, and how much: pure functions.
#pragma once

#include <cstdint>
#include <vector>

namespace aisp::judge {

// Order of `contestants` turns in a round. Rounds come in pairs, forwards and backwards (ABBA), so that drift hits all
// alike; the pairs walk through a Williams design (Williams, "Experimental designs balanced for the estimation of
// residual effects of treatments", 1949), so that over 2 · contestants rounds everyone has every place equally often
// and follows every other equally often: what a turn leaves in caches is worth 10 % of a short batch to the next one.
std::vector<int> round_order(int contestants, int round);

struct Pilot {  // of one contestant
  double call_seconds = 0;
};

struct Plan {
  int calls = 1;   // timed calls in a batch
  int rounds = 6;  // pairs per restart
};

// A batch lasts long enough that the clock and the hand-over between the processes are noise: `least_seconds` for the
// fastest contestant, where slots allow it. More when the judge sleeps while it waits, since waking it takes longer;
// and for large problems on a GPU, where a turn costs a few milliseconds whatever its batch holds.
inline constexpr double kMinBatchSeconds = 1e-3, kMinSleepingBatchSeconds = 3e-3;
inline constexpr double kMinDeviceBatchSeconds = 500e-6, kMinUngatedBatchSeconds = 2e-3,
                        kMinLargeDeviceBatchSeconds = 4e-3;
int plan_calls(const std::vector<Pilot>&, int slots, double least_seconds);

// Rounds that fit into the budget of timed work and, including what verification costs, into the wall-clock budget;
// at least `min_rounds` whatever they cost.
int plan_rounds(double timed_seconds_per_round, double wall_seconds_per_round, double timed_budget, double wall_budget,
                int min_rounds, int max_rounds);

}  // namespace aisp::judge
