// What the CUDA variants share: a block of C of side `tile`, a multiple of the `per` x `per` outputs of a thread, whose
// operands come in steps of `depth` through shared memory. per = 1 is the baseline.
#pragma once

#include <aisp/cuda.hpp>

namespace ch08 {

// Which column of the block's tile is output s of a thread: fours, so that a thread reads 16 bytes at once and the
// lanes of a warp read neighbours.
template <int across, int per> __device__ constexpr int column_of(int s, int column) {
  return per < 4 ? column * per + s : s / 4 * across * 4 + column * 4 + s % 4;
}

template <int tile, int depth, int per>
__global__ void __launch_bounds__((tile / per) * (tile / per))
    product(const float* __restrict__ a, const float* __restrict__ b, float* __restrict__ c, int m, int n, int k) {
  constexpr int across = tile / per, threads = across * across;
  // A's tile is transposed; its padding keeps rows aligned to 16 bytes.
  __shared__ __align__(16) float tile_a[depth][tile + 4];
  __shared__ __align__(16) float tile_b[depth][tile];
  const int i0 = static_cast<int>(blockIdx.y) * tile, j0 = static_cast<int>(blockIdx.x) * tile;
  const int row = static_cast<int>(threadIdx.x) / across, column = static_cast<int>(threadIdx.x) % across;
  float sum[per][per] = {};
  for (int p0 = 0; p0 < k; p0 += depth) {
    for (int e = static_cast<int>(threadIdx.x); e < tile * depth; e += threads) {
      const int ai = e / depth, ap = e % depth, bp = e / tile, bj = e % tile;
      tile_a[ap][ai] = i0 + ai < m && p0 + ap < k ? a[std::int64_t{i0 + ai} * k + p0 + ap] : 0.0f;
      tile_b[bp][bj] = p0 + bp < k && j0 + bj < n ? b[std::int64_t{p0 + bp} * n + j0 + bj] : 0.0f;
    }
    __syncthreads();
#pragma unroll
    for (int p = 0; p < depth; ++p) {
      float x[per], y[per];
#pragma unroll
      for (int r = 0; r < per; ++r) x[r] = tile_a[p][row * per + r];
#pragma unroll
      for (int s = 0; s < per; ++s) y[s] = tile_b[p][column_of<across, per>(s, column)];
#pragma unroll
      for (int r = 0; r < per; ++r)
#pragma unroll
        for (int s = 0; s < per; ++s) sum[r][s] += x[r] * y[s];
    }
    __syncthreads();  // before the tiles are overwritten
  }
#pragma unroll
  for (int r = 0; r < per; ++r)
#pragma unroll
    for (int s = 0; s < per; ++s) {
      const int i = i0 + row * per + r, j = j0 + column_of<across, per>(s, column);
      if (i < m && j < n) c[std::int64_t{i} * n + j] = sum[r][s];
    }
}

template <int tile, int depth, int per>
void multiply(cudaStream_t stream, aisp::Matrix<const float> a, aisp::Matrix<const float> b, aisp::Matrix<float> c) {
  const auto m = a.dim(0), n = b.dim(1), k = a.dim(1);
  product<tile, depth, per>
      <<<dim3(aisp::blocks(n, tile), aisp::blocks(m, tile)), (tile / per) * (tile / per), 0, stream>>>(
          a.data, b.data, c.data, static_cast<int>(m), static_cast<int>(n), static_cast<int>(k));
}

}  // namespace ch08
