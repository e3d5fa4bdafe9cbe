// Why figures from this evidence should not be published: the environment's part of the verdict.
#pragma once

#include "model/evidence.hpp"

#include <string>
#include <vector>

namespace aisp::analysis {

inline constexpr double kForeignShare = 0.02;  // of the timed cores
inline constexpr double kLoad = 1.0;           // before the run: something else was running
inline constexpr double kThrottled = 0.01;     // seconds in which a quota stopped the run
inline constexpr double kClocksApart = 1e-3;   // relative; the kernel slews clocks by at most half of it
inline constexpr double kLeastTicks = 1000;    // of the clock, in a batch
inline constexpr double kLeastHandovers = 2;   // what release and stop cost, in a batch
inline constexpr double kClockDrift = 0.05;    // relative, between before and after

// A fact about the environment, and the issue of the catalogue that it is; "" where there is none.
struct Condition {
  std::string issue, text;
};
std::vector<Condition> conditions(const model::TargetEvidence&);
std::vector<std::string> unpublishable_reasons(const model::TargetEvidence&);

}  // namespace aisp::analysis
