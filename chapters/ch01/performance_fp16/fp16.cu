// FP16: the same tiles of C, but the factors are rounded to FP16 on their way into shared memory and multiplied by the
// tensor cores, which add in FP32. Sixteen multiply-adds deep an instruction, and half the bytes in shared memory.
// Expected: two to four times the baseline. What binds it: fetching and rounding the tiles, which nothing overlaps
// here; chapters 9 and 10 feed tensor cores properly.
#include <aisp/cuda.hpp>

#include <mma.h>

namespace {

namespace wmma = nvcuda::wmma;

constexpr int tile = 64, depth = 32, fragment = 16, warps_per_side = 2, threads = 32 * warps_per_side * warps_per_side;
constexpr int fragments = tile / warps_per_side / fragment;  // a warp's, in each direction
constexpr int pad = 8;                                       // halves: rows of 16-byte vectors in different banks

__global__ void __launch_bounds__(threads)
    product(std::int64_t m, std::int64_t n, std::int64_t k, const float* __restrict__ a, const float* __restrict__ b,
            float* __restrict__ c) {
  __shared__ alignas(32) __half tile_a[tile][depth + pad], tile_b[depth][tile + pad];
  __shared__ alignas(32) float tile_c[tile][tile + 4];
  const auto i0 = std::int64_t{blockIdx.y} * tile, j0 = std::int64_t{blockIdx.x} * tile;
  const int warp = threadIdx.x / 32, row = warp / warps_per_side * fragments * fragment,
            col = warp % warps_per_side * fragments * fragment;
  wmma::fragment<wmma::accumulator, fragment, fragment, fragment, float> sum[fragments][fragments];
  for (auto& line : sum)
    for (auto& f : line) wmma::fill_fragment(f, 0.0f);

  for (std::int64_t p0 = 0; p0 < k; p0 += depth) {
#pragma unroll 8
    for (int e = threadIdx.x; e < tile * depth; e += threads) {
      const int ai = e / depth, ap = e % depth, bp = e / tile, bj = e % tile;
      tile_a[ai][ap] = __float2half_rn(i0 + ai < m && p0 + ap < k ? a[(i0 + ai) * k + p0 + ap] : 0.0f);
      tile_b[bp][bj] = __float2half_rn(p0 + bp < k && j0 + bj < n ? b[(p0 + bp) * n + j0 + bj] : 0.0f);
    }
    __syncthreads();
#pragma unroll
    for (int p = 0; p < depth; p += fragment) {
      wmma::fragment<wmma::matrix_a, fragment, fragment, fragment, __half, wmma::row_major> x[fragments];
      wmma::fragment<wmma::matrix_b, fragment, fragment, fragment, __half, wmma::row_major> y[fragments];
#pragma unroll
      for (int f = 0; f < fragments; ++f) {
        wmma::load_matrix_sync(x[f], &tile_a[row + f * fragment][p], depth + pad);
        wmma::load_matrix_sync(y[f], &tile_b[p][col + f * fragment], tile + pad);
      }
#pragma unroll
      for (int r = 0; r < fragments; ++r)
#pragma unroll
        for (int q = 0; q < fragments; ++q) wmma::mma_sync(sum[r][q], x[r], y[q], sum[r][q]);
    }
    __syncthreads();  // before the tiles are overwritten
  }

#pragma unroll
  for (int r = 0; r < fragments; ++r)
#pragma unroll
    for (int q = 0; q < fragments; ++q)
      wmma::store_matrix_sync(&tile_c[row + r * fragment][col + q * fragment], sum[r][q], tile + 4,
                              wmma::mem_row_major);
  __syncthreads();
  for (int e = threadIdx.x; e < tile * tile; e += threads) {
    const auto i = i0 + e / tile, j = j0 + e % tile;
    if (i < m && j < n) c[i * n + j] = tile_c[e / tile][e % tile];
  }
}

void run(aisp::Slot slot, aisp::Matrix<const float> a, aisp::Matrix<const float> b, aisp::Matrix<float> c) {
  const auto m = c.dim(0), n = c.dim(1), k = a.dim(1);
  const dim3 grid(aisp::blocks(n, tile), aisp::blocks(m, tile));
  product<<<grid, threads, 0, aisp::stream(slot)>>>(m, n, k, a.data, b.data, c.data);
}

}  // namespace

AISP_VARIANT(run, .about = "factors rounded to FP16, tensor cores");
