// What both variants share: one small product, tiles of 32 x 32 through shared memory, one element of C a thread.
#pragma once

#include <aisp/cuda.hpp>

namespace ch11 {

constexpr int kTile = 32;

static __global__ void __launch_bounds__(kTile* kTile)
    product(std::int64_t m, std::int64_t n, std::int64_t k, const float* __restrict__ a, const float* __restrict__ b,
            float* __restrict__ c) {
  __shared__ float tile_a[kTile][kTile], tile_b[kTile][kTile];
  const int row = threadIdx.y, col = threadIdx.x;
  const auto i = std::int64_t{blockIdx.y} * kTile + row, j = std::int64_t{blockIdx.x} * kTile + col;
  float sum = 0;
  for (std::int64_t p0 = 0; p0 < k; p0 += kTile) {
    tile_a[row][col] = i < m && p0 + col < k ? a[i * k + p0 + col] : 0.0f;
    tile_b[row][col] = p0 + row < k && j < n ? b[(p0 + row) * n + j] : 0.0f;
    __syncthreads();
#pragma unroll
    for (int p = 0; p < kTile; ++p) sum += tile_a[row][p] * tile_b[p][col];
    __syncthreads();  // before the tiles are overwritten
  }
  if (i < m && j < n) c[i * n + j] = sum;
}

// Product number `at` of the batch.
inline void launch_product(cudaStream_t stream, std::int64_t at, aisp::Tensor<const float, 3> a,
                           aisp::Tensor<const float, 3> b, aisp::Tensor<float, 3> c) {
  const auto m = c.dim(1), n = c.dim(2), k = a.dim(2);
  const dim3 grid(aisp::blocks(n, kTile), aisp::blocks(m, kTile));
  product<<<grid, dim3(kTile, kTile), 0, stream>>>(m, n, k, a.data + at * m * k, b.data + at * k * n,
                                                   c.data + at * m * n);
}

}  // namespace ch11
