#include "judge/schedule.hpp"

#include <algorithm>
#include <cmath>

namespace aisp::judge {

std::vector<int> round_order(int contestants, int round) {
  std::vector<int> order;
  const int shift = round / 2 % contestants;
  for (int i = 0; i < contestants; ++i) {  // 0, 1, n−1, 2, n−2, …, each shifted
    const int zigzag = i % 2 ? (i + 1) / 2 : contestants - i / 2;
    order.push_back((zigzag + shift) % contestants);
  }
  if (round % 2) std::reverse(order.begin(), order.end());
  return order;
}

int plan_calls(const std::vector<Pilot>& pilots, int slots, double least_seconds) {
  double fastest = 1e9;
  for (const auto& p : pilots)
    if (p.call_seconds > 0) fastest = std::min(fastest, p.call_seconds);
  const double wanted = std::ceil(least_seconds / fastest - 1e-6);
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
