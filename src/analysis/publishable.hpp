// Why figures from this evidence should not be published: the environment's part of the verdict.
#pragma once

#include "model/evidence.hpp"

#include <string>
#include <vector>

namespace aisp::analysis {

inline constexpr double kForeignShare = 0.02;  // of the timed cores
inline constexpr double kLoad = 1.0;           // before the run: something else was running
inline constexpr double kClockDrift = 0.05;    // relative, between before and after

std::vector<std::string> unpublishable_reasons(const model::TargetEvidence&);

}  // namespace aisp::analysis
