// What both variants share: the tile in shared memory, and the stencil over it.
#pragma once

#include <aisp/cuda.hpp>

namespace stencil {

constexpr int threads = 256, tile_rows = 32, tile_cols = 64;
constexpr int halo_rows = tile_rows + 2;
constexpr int left = 4;                          // columns before the tile: one is used, 16 bytes are fetched
constexpr int halo_cols = left + tile_cols + 4;  // one of the last four is used
constexpr int rows_per_thread = tile_rows * tile_cols / threads;

using Tile = float[halo_rows][halo_cols];

// The output tile whose first element is (i0, j0); tile[0][0] is the input at (i0 - 1, j0 - left). A thread walks down
// a column, all threads of the block together.
__device__ inline void filter_tile(const Tile& tile, const float* __restrict__ weights, float* __restrict__ y,
                                   std::int64_t rows, std::int64_t cols, std::int64_t i0, std::int64_t j0) {
  const int col = threadIdx.x % tile_cols, row = threadIdx.x / tile_cols * rows_per_thread;
  float w[9];
#pragma unroll
  for (int t = 0; t < 9; ++t) w[t] = weights[t];
  float x[3][3];
#pragma unroll
  for (int q = 0; q < 3; ++q) {
    x[1][q] = tile[row][left - 1 + col + q];
    x[2][q] = tile[row + 1][left - 1 + col + q];
  }
#pragma unroll
  for (int r = 0; r < rows_per_thread; ++r) {
#pragma unroll
    for (int q = 0; q < 3; ++q) {
      x[0][q] = x[1][q];
      x[1][q] = x[2][q];
      x[2][q] = tile[row + r + 2][left - 1 + col + q];
    }
    float sum = 0;
#pragma unroll
    for (int t = 0; t < 9; ++t) sum += w[t] * x[t / 3][t % 3];
    if (i0 + row + r < rows && j0 + col < cols) y[(i0 + row + r) * cols + j0 + col] = sum;
  }
}

}  // namespace stencil
