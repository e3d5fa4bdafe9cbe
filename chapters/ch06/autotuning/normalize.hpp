// What both variants share: the kernel, one block per row, for any block size that is a multiple of 32.
#pragma once

#include <aisp/cuda.hpp>

namespace normalize {

__device__ inline float sum_of_warp(float v) {
#pragma unroll
  for (int half = 16; half > 0; half /= 2) v += __shfl_xor_sync(0xffffffffu, v, half);
  return v;
}

static __global__ void __launch_bounds__(1024)  // static: both variants include it
    normalize(const float* __restrict__ x, float* __restrict__ y, std::int64_t cols) {
  __shared__ float of_warp[32];
  const float* row = x + blockIdx.x * cols;
  float sum = 0;
  for (std::int64_t j = threadIdx.x; j < cols; j += blockDim.x) sum += fabsf(row[j]);
  sum = sum_of_warp(sum);
  if (threadIdx.x % 32 == 0) of_warp[threadIdx.x / 32] = sum;
  __syncthreads();
  const int lane = threadIdx.x % 32;
  const float total = 1 + sum_of_warp(lane < blockDim.x / 32 ? of_warp[lane] : 0.0f);  // every warp for itself
  for (std::int64_t j = threadIdx.x; j < cols; j += blockDim.x) y[blockIdx.x * cols + j] = row[j] / total;
}

}  // namespace normalize
