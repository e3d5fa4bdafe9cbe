// The traffic that a profile counted for a target's variants, beside the bytes that its cost model declares: what the
// kernels moved, and what the problem needs.
#pragma once

#include "analysis/ncu.hpp"
#include "analysis/roofline.hpp"
#include "model/evidence.hpp"
#include "model/profile.hpp"

namespace aisp::analysis {

// Gives the points that add_target() made of this evidence what the profile counted of the same variants: bytes of
// device memory against the HBM roof, bytes through L2 against that of L2. A profile of another device or scale, and
// one without counters of kernels, is left out with the reason; one of the CPU counts no traffic and says nothing.
void add_measured_traffic(Roofline&, const model::TargetEvidence&, const model::TargetProfile&, const DevicePeaks&);

}  // namespace aisp::analysis
