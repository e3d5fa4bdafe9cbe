// By how much two independent samples differ.
#pragma once

#include "model/verdict.hpp"

#include <span>

namespace aisp::stats {

struct Shift {
  double value = 0;  // of `after` over `before`
  model::Interval interval;
  double confidence = 0;  // 0 = too few values for an interval
};

// The Hodges–Lehmann estimate, the median of all differences after[j] − before[i], and the interval that goes with the
// Mann–Whitney test, by its normal approximation (Hollander, Wolfe and Chicken, Nonparametric Statistical Methods, 3rd
// ed., §4.2 and §4.3). Needs at least kMinPairs values on each side; values must be finite. Time n·log(range).
Shift shift(std::span<const double> before, std::span<const double> after, double confidence = 0.95);

}  // namespace aisp::stats
