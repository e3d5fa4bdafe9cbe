// Copies to the GPU beside kernels, measured: pageable or pinned memory, one stream or several. Without CUDA types.
#pragma once

#include <cstdint>
#include <vector>

namespace aisp::device::cuda {

struct OverlapWork {
  int batches = 32;
  std::uint64_t batch_bytes = 16u << 20;
  int compute_passes = 8;  // how often a kernel reads its batch
  int repeats = 5;
};

struct OverlapResult {
  bool pinned = false;
  int streams = 1;
  double seconds = 0;  // of all batches, median of the repeats
};

struct OverlapMeasurement {
  double copy_seconds = 0, compute_seconds = 0;  // of all batches, each alone, from pinned memory in one stream
  std::vector<OverlapResult> results;
};

// Every combination of pinned and `streams`, in turns. Checks the sums that the kernels formed. Throws Error; a wrong
// sum is one.
OverlapMeasurement measure_input_overlap(const OverlapWork&, const std::vector<int>& streams);

}  // namespace aisp::device::cuda
