// The GPU that runs happen on: CUDA's device 0.
#pragma once

#include "device/gpu/facts.hpp"
#include "model/evidence.hpp"
#include "record/gpu_calibration.hpp"

#include <filesystem>
#include <optional>
#include <string>

namespace aisp::app {

class Gpu {
 public:
  // Looks for its calibration below `artifacts`. Throws UsageError for a GPU that this build's variants cannot run on,
  // or that does not let two processes in.
  explicit Gpu(const std::filesystem::path& artifacts);

  const device::GpuFacts& facts() const { return facts_; }
  device::GpuState state() const { return device::gpu_state(facts_.index); }
  // What the floor of a target is computed from: measured peaks where there are, vendor figures otherwise.
  model::Ceilings ceilings(const model::TargetEvidence&) const;
  std::string calibration() const;  // the citation; "" = never measured

 private:
  device::GpuFacts facts_;
  std::optional<record::GpuCalibration> calibration_;
};

// Why code compiled for `arch` ("80", "90a", "100f") does not run on compute capability major.minor; "" when it does.
std::string why_not_for(const std::string& arch, int major, int minor);

}  // namespace aisp::app
