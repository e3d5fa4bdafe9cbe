// A matrix product of BF16 for any GPU since sm_80, as one writes it first: 128 × 128 elements of C a block, tiles of A
// and B in shared memory, tensor cores by way of wmma (CUDA programming guide, "Warp Matrix Functions").
#pragma once

#include <aisp/cuda.hpp>

#include <mma.h>

namespace wmma_product {

using bf16 = __nv_bfloat16;

constexpr int tile = 128, depth = 32, pitch = depth + 8, threads = 256;  // eight warps of 64 × 32 elements
constexpr int width = 8;                                                 // elements of 16 bytes

// C = finish(A·Bᵀ), `finish(v, col)` of an element; rows of A and B are multiples of 16 bytes.
template <class Finish>
__global__ void __launch_bounds__(threads) product(const bf16* __restrict__ a, const bf16* __restrict__ b,
                                                   bf16* __restrict__ c, int m, int n, int k, Finish finish) {
  using namespace nvcuda::wmma;
  __shared__ alignas(32) bf16 rows_of_a[tile * pitch], rows_of_b[tile * pitch];
  __shared__ alignas(32) float patch[threads / 32][16 * 16];
  const int row = blockIdx.y * tile, col = blockIdx.x * tile, warp = threadIdx.x / 32, lane = threadIdx.x % 32;
  const int warp_row = warp / 4 * 64, warp_col = warp % 4 * 32;
  fragment<accumulator, 16, 16, 16, float> d[4][2];
  for (auto& line : d)
    for (auto& f : line) fill_fragment(f, 0.0f);

  const auto fetch = [&](bf16* shared, const bf16* from, int first, int end, int at) {
    for (int i = threadIdx.x; i < tile * depth / width; i += threads) {
      const int r = i / (depth / width), e = i % (depth / width) * width;
      const bool inside = first + r < end && at + e < k;
      reinterpret_cast<uint4&>(shared[r * pitch + e]) =
          inside ? *reinterpret_cast<const uint4*>(from + std::int64_t{first + r} * k + at + e) : uint4{};
    }
  };
  for (int at = 0; at < k; at += depth) {
    fetch(rows_of_a, a, row, m, at);
    fetch(rows_of_b, b, col, n, at);
    __syncthreads();
#pragma unroll
    for (int step = 0; step < depth; step += 16) {
      fragment<matrix_a, 16, 16, 16, bf16, row_major> x[4];
      fragment<matrix_b, 16, 16, 16, bf16, col_major> y[2];
      for (int i = 0; i < 4; ++i) load_matrix_sync(x[i], rows_of_a + (warp_row + 16 * i) * pitch + step, pitch);
      for (int j = 0; j < 2; ++j) load_matrix_sync(y[j], rows_of_b + (warp_col + 16 * j) * pitch + step, pitch);
      for (int i = 0; i < 4; ++i)
        for (int j = 0; j < 2; ++j) mma_sync(d[i][j], x[i], y[j], d[i][j]);
    }
    __syncthreads();
  }
#pragma unroll
  for (int i = 0; i < 4; ++i)
#pragma unroll
    for (int j = 0; j < 2; ++j) {
      store_matrix_sync(patch[warp], d[i][j], 16, mem_row_major);
      __syncwarp();
      for (int e = lane; e < 256; e += 32) {
        const int r = row + warp_row + 16 * i + e / 16, at = col + warp_col + 16 * j + e % 16;
        if (r < m && at < n) c[std::int64_t{r} * n + at] = __float2bfloat16(finish(patch[warp][e], at));
      }
      __syncwarp();
    }
}

struct Unchanged {
  __device__ float operator()(float v, int) const { return v; }
};

template <class Finish = Unchanged>
void multiply(const bf16* a, const bf16* b, bf16* c, std::int64_t m, std::int64_t n, std::int64_t k,
              cudaStream_t stream, Finish finish = {}) {
  const dim3 grid(aisp::blocks(n, tile), aisp::blocks(m, tile));
  product<<<grid, threads, 0, stream>>>(a, b, c, static_cast<int>(m), static_cast<int>(n), static_cast<int>(k), finish);
}

}  // namespace wmma_product
