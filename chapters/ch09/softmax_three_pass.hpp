// The baseline of the softmax targets: a warp per row, three passes over it, one element a lane, accesses coalesced.
#pragma once

#include <aisp/cuda.hpp>

#include <cmath>

namespace ch09 {

constexpr int three_pass_warps = 8;  // rows in a block

template <class T>
__global__ void __launch_bounds__(32 * three_pass_warps)
    three_pass(const T* __restrict__ x, T* __restrict__ y, std::int64_t rows, std::int64_t cols) {
  const auto i = std::int64_t{blockIdx.x} * three_pass_warps + threadIdx.x / 32;
  if (i >= rows) return;  // the whole warp
  const int lane = threadIdx.x % 32;
  const T* in = x + i * cols;
  T* out = y + i * cols;

  float top = -INFINITY;
  for (std::int64_t j = lane; j < cols; j += 32) top = fmaxf(top, static_cast<float>(in[j]));
  for (int half = 16; half > 0; half /= 2) top = fmaxf(top, __shfl_xor_sync(0xffffffffu, top, half));
  float sum = 0;
  for (std::int64_t j = lane; j < cols; j += 32) sum += expf(static_cast<float>(in[j]) - top);
  for (int half = 16; half > 0; half /= 2) sum += __shfl_xor_sync(0xffffffffu, sum, half);
  const float inverse = 1 / sum;
  for (std::int64_t j = lane; j < cols; j += 32)
    out[j] = static_cast<T>(expf(static_cast<float>(in[j]) - top) * inverse);
}

template <class T> void softmax_three_pass(cudaStream_t stream, aisp::Matrix<const T> x, aisp::Matrix<T> y) {
  const auto rows = x.dim(0), cols = x.dim(1);
  three_pass<<<aisp::blocks(rows, three_pass_warps), 32 * three_pass_warps, 0, stream>>>(x.data, y.data, rows, cols);
}

}  // namespace ch09
