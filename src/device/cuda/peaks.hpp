// Measures the ceilings of one GPU: each figure is the median of the best of several ways, the vendor's own among them.
#pragma once

#include "device/gpu/peaks.hpp"

#include <functional>
#include <string>
#include <vector>

namespace aisp::device::cuda {

struct PeakOptions {
  int device = 0;      // CUDA's number
  double seconds = 1;  // sustained time of each figure, after choosing the way
  std::function<void(const std::string& figure)> progress;
};

// Groups of figures, in the order of measuring; each can run in a process of its own, so that a fault ends one group.
const std::vector<std::string>& peak_groups();
// The figures of one group, or of all when `group` is "". What cannot be measured is `absent` with a reason. Throws
// Error when the device cannot be used at all.
GpuPeaks measure_peaks(const std::string& group, const PeakOptions&);

}  // namespace aisp::device::cuda
