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
  bool by_hypervisor = false;  // it is one, or it hides from its guest what would have to be known
};
std::vector<Condition> conditions(const model::TargetEvidence&);

// What the user takes upon himself; it is no reason then.
struct Accepted {
  bool virtualization = false;  // --allow-virtualization: a virtual machine, and what it hides
};
std::vector<std::string> unpublishable_reasons(const model::TargetEvidence&, Accepted = {});

// What other processes did to the measurement, in a line each, for beside the table.
std::vector<std::string> foreign_load(const model::TargetEvidence&);

}  // namespace aisp::analysis
