// How a variant's time moved from run to run, and where it changed its level. Pure functions.
#pragma once

#include "record/history.hpp"

#include <string>
#include <vector>

namespace aisp::analysis {

inline constexpr std::size_t kTrendLength = 200;  // newest results that steps are looked for in

struct Step {
  std::size_t at = 0;                              // index of the first result of the new level
  double before = 0, after = 0;                    // median seconds of the levels on its two sides
  double p = 1;                                    // of the permutation test
  double ratio() const { return after / before; }  // above 1 is slower
};

// Results that can be compared with one another: same variant of the same problem on the same hardware.
struct Trend {
  std::string target, variant, device, scale, params, host, gpu;
  std::vector<record::HistoryPoint> points;  // correct and without violations, oldest first; at most kTrendLength
  int left_out = 0;                          // results that were wrong or had no time
  std::vector<Step> steps;                   // of at least kLeastChange, in order
  std::string hardware() const { return device == "cuda" ? gpu : host; }
};

// In the order in which the series began. Steps: stats::change_points on the logarithm of the median times.
std::vector<Trend> trends(std::vector<record::HistoryPoint>);

std::string sparkline(const Trend&, std::size_t width = 24);  // newest results, higher is slower

}  // namespace aisp::analysis
