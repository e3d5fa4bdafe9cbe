// What both CUDA variants share: the sum of a piece of a row by the 32 lanes of a warp.
#pragma once

#include <aisp/cuda.hpp>

namespace ch12 {

constexpr int kSumThreads = 256, kSumWarps = kSumThreads / 32;

// Every lane gets the sum of x[first] … x[last − 1].
__device__ inline float sum_by_warp(const float* __restrict__ x, int first, int last) {
  float sum = 0;
#pragma unroll 4
  for (int i = first + static_cast<int>(threadIdx.x) % 32; i < last; i += 32) sum += x[i];
#pragma unroll
  for (int half = 16; half > 0; half /= 2) sum += __shfl_xor_sync(0xffffffffu, sum, half);
  return sum;
}

}  // namespace ch12
