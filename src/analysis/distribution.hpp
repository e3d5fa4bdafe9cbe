// How the samples of a target's variants are distributed, on one axis: what the report and the plots both draw.
#pragma once

#include "model/evidence.hpp"
#include "stats/stats.hpp"

#include <string>
#include <vector>

namespace aisp::analysis {

// A picture shows nothing beyond these, whatever evidence holds: neither 0 nor what is not finite.
inline bool can_be_drawn(double x) { return x > 1e-20 && x < 1e20; }

struct Distribution {
  std::string variant;
  std::size_t samples = 0;
  std::vector<int> counts;  // by bin
  stats::MedianInterval median;
};

struct Distributions {
  double lo = 0, hi = 0;  // ends of the axis, seconds a call
  bool logarithmic = false;
  std::vector<Distribution> variants;  // those with samples

  double edge(std::size_t bin) const;  // where it begins; of the last + 1: hi
};

Distributions distributions_of(const model::TargetEvidence&, std::size_t bins);

}  // namespace aisp::analysis
