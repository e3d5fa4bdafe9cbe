// A GPU's measured peaks beside the vendor's figures, and the ceilings that floors are computed from.
#pragma once

#include "analysis/gpu_table.hpp"
#include "device/gpu/peaks.hpp"
#include "model/evidence.hpp"

#include <cstdint>
#include <string>

namespace aisp::analysis {

// Puts the theoretical value and its source beside every measured figure that has one. `spec` may be null: figures that
// follow from the device alone (PCIe, shared memory) are still given.
void add_theory(device::GpuPeaks&, const GpuSpec* spec, const device::GpuFacts&);

// Bounds from above for work of this arithmetic ("bf16", …) and working set in bytes, so that no honest time is below
// the floor. Arithmetic: the larger of what was measured and the vendor's rate at the GPU's highest SM clock, because a
// short burst runs above the clock that a sustained measurement is throttled to. Bytes: the best of the measured copy,
// read and write, or of the L2 where the working set fits it; the vendor's bandwidth where nothing was measured. 0 =
// not known.
// Where a floating-point tensor is narrower than the arithmetic, the bound is that of the narrowest: tensor cores
// multiply at its rate and accumulate in the arithmetic.
model::Ceilings gpu_ceilings(const device::GpuPeaks&, const GpuSpec* spec, double max_sm_mhz,
                             const model::TargetEvidence&, std::uint64_t working_set);
model::Ceilings gpu_ceilings(const device::GpuPeaks&, const GpuSpec* spec, double max_sm_mhz,
                             const std::string& arithmetic, std::uint64_t working_set);

}  // namespace aisp::analysis
