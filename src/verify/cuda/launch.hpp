// Launch shapes of the kernels in this folder.
#pragma once

#include <algorithm>
#include <cstdint>

#include "device/cuda/runtime.hpp"

namespace aisp::verify::cuda {

inline constexpr unsigned kThreads = 256, kMostBlocks = 1u << 16;

// Blocks for `items` threads' worth of work; kernels stride over the rest.
inline unsigned blocks_for(std::int64_t items) {
  return static_cast<unsigned>(std::clamp<std::int64_t>((items + kThreads - 1) / kThreads, 1, kMostBlocks));
}

inline void launched() { AISP_CUDA_CHECK(cudaGetLastError()); }

}  // namespace aisp::verify::cuda
