// Matrix products in double for device references: C = A·B with Σ|terms|, the magnitude that its rounding errors are
// made of. Tiles of 64 x 64 of C and 16 of the depth go through shared memory; a thread keeps 4 x 4 elements of both
// sums in registers.
#pragma once

#include <cuda_runtime.h>

#include <cstdint>

namespace aisp {

// Strides in elements. B's are of its two indices, so a stored transpose is a B with strides exchanged.
template <class A, class B> struct DoubleProduct {
  std::int64_t m = 0, n = 0, k = 0;
  const A* a = nullptr;                 // [m, k]
  const double* a_magnitude = nullptr;  // [m, k], what stands for |A| in Σ|terms|; null: |A| itself
  const B* b = nullptr;
  std::int64_t b_row = 0, b_column = 1;
  double* c = nullptr;                                 // [m, n]
  double* scale = nullptr;                             // [m, n]
  std::int64_t a_batch = 0, b_batch = 0, c_batch = 0;  // from one product of a batch to the next
};

namespace detail {

inline constexpr int kProductTile = 64, kProductDepth = 16, kProductThreads = 256, kProductPer = 4;

template <class A, class B> __global__ void __launch_bounds__(kProductThreads) double_product(DoubleProduct<A, B> p) {
  constexpr int tile = kProductTile, depth = kProductDepth, per = kProductPer, columns = tile / per;
  __shared__ double tile_a[depth][tile + 1], tile_m[depth][tile + 1], tile_b[depth][tile];
  const std::int64_t z = blockIdx.z, i0 = std::int64_t{blockIdx.y} * tile, j0 = std::int64_t{blockIdx.x} * tile;
  const A* a = p.a + z * p.a_batch;
  const double* a_magnitude = p.a_magnitude ? p.a_magnitude + z * p.a_batch : nullptr;
  const B* b = p.b + z * p.b_batch;
  const int row = threadIdx.x / columns * per, column = threadIdx.x % columns;
  double sum[per][per] = {}, magnitude[per][per] = {};
  for (std::int64_t p0 = 0; p0 < p.k; p0 += depth) {
    for (int e = threadIdx.x; e < tile * depth; e += kProductThreads) {
      const int ai = e / depth, ap = e % depth, bp = e / tile, bj = e % tile;
      const bool in_a = i0 + ai < p.m && p0 + ap < p.k, in_b = j0 + bj < p.n && p0 + bp < p.k;
      const std::int64_t at = (i0 + ai) * p.k + p0 + ap;
      const double x = in_a ? static_cast<double>(a[at]) : 0.0;
      tile_a[ap][ai] = x;
      tile_m[ap][ai] = in_a && a_magnitude ? a_magnitude[at] : fabs(x);
      tile_b[bp][bj] = in_b ? static_cast<double>(b[(p0 + bp) * p.b_row + (j0 + bj) * p.b_column]) : 0.0;
    }
    __syncthreads();
    for (int q = 0; q < depth; ++q) {
      double x[per], w[per], y[per];
#pragma unroll
      for (int r = 0; r < per; ++r) {
        x[r] = tile_a[q][row + r];
        w[r] = tile_m[q][row + r];
        y[r] = tile_b[q][column + r * columns];
      }
#pragma unroll
      for (int r = 0; r < per; ++r)
#pragma unroll
        for (int s = 0; s < per; ++s) {
          sum[r][s] += x[r] * y[s];
          magnitude[r][s] += w[r] * fabs(y[s]);
        }
    }
    __syncthreads();  // before the tiles are overwritten
  }
#pragma unroll
  for (int r = 0; r < per; ++r)
#pragma unroll
    for (int s = 0; s < per; ++s) {
      const std::int64_t i = i0 + row + r, j = j0 + column + s * columns;
      if (i >= p.m || j >= p.n) continue;
      p.c[z * p.c_batch + i * p.n + j] = sum[r][s];
      p.scale[z * p.c_batch + i * p.n + j] = magnitude[r][s];
    }
}

}  // namespace detail

// Queues `batch` products, at most 65535, of at most 4 million rows each. The caller checks cudaGetLastError().
template <class A, class B>
void multiply_in_double(const DoubleProduct<A, B>& p, std::int64_t batch, cudaStream_t stream) {
  const auto tiles = [](std::int64_t n) {
    return static_cast<unsigned>((n + detail::kProductTile - 1) / detail::kProductTile);
  };
  detail::double_product<<<dim3(tiles(p.n), tiles(p.m), static_cast<unsigned>(batch)), detail::kProductThreads, 0,
                           stream>>>(p);
}

}  // namespace aisp
