// What both CUDA variants share: a warp for each row.
#pragma once

#include <aisp/cuda.hpp>

namespace ch08 {

constexpr int row_threads = 256, rows_of_block = row_threads / 32;

struct RowOfWarp {
  std::int64_t row;
  int lane;
};
__device__ inline RowOfWarp row_of_warp() {
  return {std::int64_t{blockIdx.x} * rows_of_block + threadIdx.x / 32, static_cast<int>(threadIdx.x % 32)};
}
inline unsigned row_blocks(std::int64_t rows) { return aisp::blocks(rows, rows_of_block); }

__device__ inline float sum_of_warp(float v) {
#pragma unroll
  for (int half = 16; half > 0; half /= 2) v += __shfl_xor_sync(0xffffffffu, v, half);
  return v;
}

}  // namespace ch08
