// What `aisp bench peak` found out about a GPU, kept so that floors and later runs can cite it.
#pragma once

#include "device/gpu/peaks.hpp"

#include <filesystem>
#include <optional>
#include <string>

namespace aisp::record {

struct GpuCalibration {
  int schema = 1;
  std::string gpu;   // device::gpu_key() of its facts
  std::string when;  // UTC, ISO 8601
  std::string aisp_version;
  device::GpuFacts facts;
  device::GpuState before, after;
  device::GpuPeaks peaks;
};

// Below `home`/calibration/gpu-<gpu>.json. Throws StoreError when it cannot be written.
std::filesystem::path save_gpu_calibration(const std::filesystem::path& home, const GpuCalibration&);
// Nothing when this GPU was never measured; throws StoreError for a damaged file.
std::optional<GpuCalibration> load_gpu_calibration(const std::filesystem::path& home, const std::string& gpu_key);

}  // namespace aisp::record
