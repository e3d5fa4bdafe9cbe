#include "judge/schedule.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace aisp::judge {

std::vector<int> round_order(int contestants, int round) {
  std::vector<int> order(static_cast<std::size_t>(contestants));
  std::iota(order.begin(), order.end(), 0);
  if (round % 2) std::reverse(order.begin(), order.end());
  return order;
}

int plan_calls(const std::vector<Pilot>& pilots, int slots, bool spin) {
  double fastest = 1e9;
  for (const auto& p : pilots)
    if (p.call_seconds > 0) fastest = std::min(fastest, p.call_seconds);
  const double wanted = std::ceil((spin ? kMinBatchSeconds : kMinSleepingBatchSeconds) / fastest - 1e-6);
  return static_cast<int>(std::clamp(wanted, 1.0, static_cast<double>(std::max(1, slots - 1))));
}

int plan_rounds(double timed_seconds_per_round, double wall_seconds_per_round, double timed_budget, double wall_budget,
                int min_rounds, int max_rounds) {
  const double by_time = timed_budget / std::max(timed_seconds_per_round, 1e-9);
  const double by_wall = wall_budget / std::max(wall_seconds_per_round, 1e-9);
  return static_cast<int>(std::clamp(std::min(by_time, by_wall), static_cast<double>(min_rounds),
                                     static_cast<double>(std::max(min_rounds, max_rounds))));
}

}  // namespace aisp::judge
