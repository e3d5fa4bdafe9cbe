// What both variants share: eight blocks work on a row, each on a contiguous part of it.
#pragma once

#include <aisp/cuda.hpp>

namespace ch10 {

constexpr int kRowThreads = 512, kRowBlocks = 8;  // blocks of a row; also the largest cluster that every device has

// The part of a row that block `rank` of the eight works on: a multiple of four elements but for the last.
struct Part {
  std::int64_t first = 0, count = 0;
};
AISP_HD inline std::int64_t part_length(std::int64_t cols) {
  return (cols + 4 * kRowBlocks - 1) / (4 * kRowBlocks) * 4;
}
__device__ inline Part part_of(std::int64_t cols, int rank) {
  const auto length = part_length(cols), first = rank * length;
  const auto rest = cols - first;
  return {first, rest < 0 ? 0 : rest < length ? rest : length};
}

// Every thread of the block gets the sum over all threads.
__device__ inline float sum_of_block(float v) {
  __shared__ float of_warp[kRowThreads / 32];
#pragma unroll
  for (int half = 16; half > 0; half /= 2) v += __shfl_xor_sync(0xffffffffu, v, half);
  if (threadIdx.x % 32 == 0) of_warp[threadIdx.x / 32] = v;
  __syncthreads();
  float sum = 0;
#pragma unroll
  for (int w = 0; w < kRowThreads / 32; ++w) sum += of_warp[w];
  return sum;
}

}  // namespace ch10
