// What the variants share: the kernel, for blocks of wide x high threads of which each makes `tall` outputs below each
// other. Windows overlap, and the first cache level gives back what a neighbour has fetched; what a thread's own
// outputs share stays in its registers.
#pragma once

#include <aisp/cuda.hpp>

namespace ch08 {

// Column j of rows i0 … i0 + tall − 1. A sum of five neighbours in a row is added to up to five outputs. `inside`: all
// that the windows cover exists, so that the loads need no conditions and can all be under way together.
template <int tall, bool inside>
__device__ void blur_column(const float* __restrict__ x, float* __restrict__ y, int rows, int cols, int i0, int j) {
  float sum[tall] = {};
#pragma unroll
  for (int p = -2; p < tall + 2; ++p) {
    if (!inside && (i0 + p < 0 || i0 + p >= rows)) continue;
    const float* row = x + std::int64_t{i0 + p} * cols + j;
    float across = 0;
#pragma unroll
    for (int q = -2; q <= 2; ++q)
      if (inside || (j + q >= 0 && j + q < cols)) across += row[q];
#pragma unroll
    for (int t = 0; t < tall; ++t)
      if (p - t >= -2 && p - t <= 2) sum[t] += across;
  }
#pragma unroll
  for (int t = 0; t < tall; ++t)
    if (inside || i0 + t < rows) y[std::int64_t{i0 + t} * cols + j] = sum[t] * (1.0f / 25);
}

// `blocks`: how many of them should fit a multiprocessor, which bounds the registers of a thread.
template <int wide, int high, int tall, int blocks>
__global__ void __launch_bounds__(wide* high, blocks)
    blur(const float* __restrict__ x, float* __restrict__ y, int rows, int cols) {
  const int j = static_cast<int>(blockIdx.x) * wide + static_cast<int>(threadIdx.x);
  const int i0 = (static_cast<int>(blockIdx.y) * high + static_cast<int>(threadIdx.y)) * tall;
  if (j >= cols || i0 >= rows) return;
  if (j >= 2 && j + 2 < cols && i0 >= 2 && i0 + tall + 1 < rows)
    blur_column<tall, true>(x, y, rows, cols, i0, j);
  else
    blur_column<tall, false>(x, y, rows, cols, i0, j);
}

template <int wide, int high, int tall, int blocks>
void blur_with(aisp::Slot slot, aisp::Matrix<const float> x, aisp::Matrix<float> y) {
  const auto rows = x.dim(0), cols = x.dim(1);
  blur<wide, high, tall, blocks>
      <<<dim3(aisp::blocks(cols, wide), aisp::blocks(rows, high * tall)), dim3(wide, high), 0, aisp::stream(slot)>>>(
          x.data, y.data, static_cast<int>(rows), static_cast<int>(cols));
}

}  // namespace ch08
