// What both variants share: the transform of one column, in the registers of one thread.
#pragma once

#include <aisp/cuda.hpp>

namespace hadamard {

constexpr int length = 64;

__device__ inline void transform_column(const float* __restrict__ x, float* __restrict__ y, std::int64_t n) {
  const auto i = std::int64_t{blockIdx.x} * blockDim.x + threadIdx.x;
  if (i >= n) return;
  float v[length];
#pragma unroll
  for (int k = 0; k < length; ++k) v[k] = x[k * n + i];
#pragma unroll
  for (int half = 1; half < length; half *= 2)
#pragma unroll
    for (int k = 0; k < length; ++k)
      if (!(k & half)) {
        const float a = v[k], b = v[k + half];
        v[k] = a + b;
        v[k + half] = a - b;
      }
#pragma unroll
  for (int k = 0; k < length; ++k) y[k * n + i] = v[k];
}

}  // namespace hadamard
