// A product of row-major matrices by one thread block, for the CUDA variants of this chapter: tiles of 64 x 64 of C, 16
// of the depth, through shared memory; a thread keeps 4 x 4 elements of C in registers. Any shape; no access is wider
// than a float, so any alignment.
#pragma once

#include <aisp/cuda.hpp>

namespace ch01 {

constexpr int threads = 256, tile = 64, depth = 16, per_thread = 4, threads_per_row = tile / per_thread;

// Blocks that cover C[m, n]; the third dimension is for the caller.
inline dim3 tiles(std::int64_t m, std::int64_t n, std::int64_t batch = 1) {
  return dim3(aisp::blocks(n, tile), aisp::blocks(m, tile), static_cast<unsigned>(batch));
}

// C[i, j] = store(Σ A[i, p]·B[p, j], j) for the block's tile (blockIdx.y, blockIdx.x).
template <class Store>
__device__ void product(std::int64_t m, std::int64_t n, std::int64_t k, const float* __restrict__ a,
                        const float* __restrict__ b, float* __restrict__ c, Store store) {
  __shared__ float tile_a[depth][tile + 4], tile_b[depth][tile];  // A transposed; padded against bank conflicts
  const auto i0 = std::int64_t{blockIdx.y} * tile, j0 = std::int64_t{blockIdx.x} * tile;
  const int row = threadIdx.x / threads_per_row * per_thread, col = threadIdx.x % threads_per_row;
  float sum[per_thread][per_thread] = {};
  for (std::int64_t p0 = 0; p0 < k; p0 += depth) {
#pragma unroll
    for (int e = threadIdx.x; e < tile * depth; e += threads) {
      const int ai = e / depth, ap = e % depth, bp = e / tile, bj = e % tile;
      tile_a[ap][ai] = i0 + ai < m && p0 + ap < k ? a[(i0 + ai) * k + p0 + ap] : 0.0f;
      tile_b[bp][bj] = p0 + bp < k && j0 + bj < n ? b[(p0 + bp) * n + j0 + bj] : 0.0f;
    }
    __syncthreads();
#pragma unroll
    for (int p = 0; p < depth; ++p) {
      float x[per_thread], y[per_thread];
#pragma unroll
      for (int r = 0; r < per_thread; ++r) {
        x[r] = tile_a[p][row + r];
        y[r] = tile_b[p][col + r * threads_per_row];  // columns of a thread lie 16 apart: no bank is asked twice
      }
#pragma unroll
      for (int r = 0; r < per_thread; ++r)
#pragma unroll
        for (int q = 0; q < per_thread; ++q) sum[r][q] += x[r] * y[q];
    }
    __syncthreads();  // before the tiles are overwritten
  }
#pragma unroll
  for (int r = 0; r < per_thread; ++r)
#pragma unroll
    for (int q = 0; q < per_thread; ++q) {
      const auto i = i0 + row + r, j = j0 + col + q * threads_per_row;
      if (i < m && j < n) c[i * n + j] = store(sum[r][q], j);
    }
}

struct Plain {
  __device__ float operator()(float sum, std::int64_t) const { return sum; }
};

// Adds the column's bias, and cuts off below zero when `relu`.
struct Bias {
  const float* bias;
  bool relu;
  __device__ float operator()(float sum, std::int64_t j) const {
    const float v = sum + bias[j];
    return relu ? fmaxf(v, 0.0f) : v;
  }
};

}  // namespace ch01
