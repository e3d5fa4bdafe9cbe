// What both variants share: the sizes of a tile and of the ring of tiles, and the filter of one tile in shared memory.
#pragma once

#include <aisp/cuda.hpp>

namespace ch10 {

constexpr int kTaps = 32, kFilterThreads = 256;
constexpr int kOutputs = 4096, kInputs = kOutputs + kTaps;  // of a tile; one input more than needed
constexpr int kStages = 4, kRingBytes = kStages * kInputs * static_cast<int>(sizeof(float));
static_assert(kInputs % 4 == 0 && kOutputs % (4 * kFilterThreads) == 0);

// y[i] = Σ weight[t]·tile[i + t] for the first `count` outputs of the tile. A thread computes four neighbours at a
// time, from nine vectors of the tile. Inputs that only missing outputs need are read, but not used.
__device__ inline void filter_tile(const float* tile, const float (&weight)[kTaps], float* y, std::int64_t count) {
#pragma unroll 1
  for (int i = 4 * static_cast<int>(threadIdx.x); i < kOutputs && i < count; i += 4 * kFilterThreads) {
    float sum[4] = {};
#pragma unroll
    for (int q = 0; q < kTaps / 4 + 1; ++q) {
      const float4 v = *reinterpret_cast<const float4*>(tile + i + 4 * q);
      const float value[4] = {v.x, v.y, v.z, v.w};
#pragma unroll
      for (int e = 0; e < 4; ++e)
#pragma unroll
        for (int j = 0; j < 4; ++j)
          if (const int t = 4 * q + e - j; t >= 0 && t < kTaps) sum[j] += weight[t] * value[e];
    }
    if (i + 4 <= count)
      *reinterpret_cast<float4*>(y + i) = {sum[0], sum[1], sum[2], sum[3]};
    else
      for (int j = 0; j < 4 && i + j < count; ++j) y[i + j] = sum[j];
  }
}

// Blocks that fill the machine.
template <class Kernel> int resident_blocks(Kernel kernel, int threads) {
  aisp::allow_shared(kernel, kRingBytes);
  int resident = 0;
  AISP_CUDA(cudaOccupancyMaxActiveBlocksPerMultiprocessor(&resident, kernel, threads, kRingBytes));
  return resident * aisp::multiprocessors();
}

}  // namespace ch10
