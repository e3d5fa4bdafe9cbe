// Where a series of results changed its level.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace aisp::stats {

inline constexpr std::size_t kLeastSegment = 3;  // one or two odd results are no new level

struct ChangePoint {
  std::size_t at = 0;  // index of the first value of the new level
  double p = 1;        // share of random orders of the same values that look at least as much like a change
};

// E-divisive means (Matteson and James, A Nonparametric Approach for Multiple Change Point Analysis of Multivariate
// Data, JASA 109, 2014, §2): the split with the largest energy distance between its sides is kept when a permutation
// test finds p ≤ `significance`; then each part is searched again. How it serves on histories of benchmarks: Daly et
// al., The Use of Change Point Detection to Identify Software Performance Regressions in a Continuous Integration
// System, ICPE 2020. Deterministic; takes n² time for each of 199 permutations. In order; values must be finite.
std::vector<ChangePoint> change_points(std::span<const double> values, double significance = 0.01);

}  // namespace aisp::stats
