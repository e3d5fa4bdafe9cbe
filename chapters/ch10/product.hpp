// What the product pipelines share: C = A·B in f32, a block of 256 threads for a tile of 128 x 128, which walks along
// the depth in steps of 16; a thread keeps 8 x 8 elements of C. The variants differ in how a step's operands come.
// Rows of A and B are multiples of 16 bytes.
#pragma once

#include <aisp/cuda.hpp>
#include <aisp/cuda/async_copy.hpp>

namespace ch10 {

constexpr int kTile = 128, kDepth = 16, kProductThreads = 256;

// A step's operands in shared memory. Rows of A are padded, so that the two rows a warp reads at once lie in different
// banks and every row still starts at a multiple of 16 bytes.
struct Stage {
  float a[kTile][kDepth + 4];
  float b[kDepth][kTile];
};

struct Product {
  const float *a, *b;
  float* c;
  int m, n, k;
};

// Calls copy(to, from, inside) for each 16 bytes of the step that begins at depth p0 and that are this thread's.
template <class Copy> __device__ inline void for_pieces(Stage& stage, const Product& p, int p0, const Copy& copy) {
  const int i0 = static_cast<int>(blockIdx.y) * kTile, j0 = static_cast<int>(blockIdx.x) * kTile;
#pragma unroll
  for (int e = threadIdx.x; e < kTile * kDepth / 4; e += kProductThreads) {
    const int row = e / (kDepth / 4), col = e % (kDepth / 4) * 4;
    copy(&stage.a[row][col], p.a + std::int64_t{i0 + row} * p.k + p0 + col, i0 + row < p.m && p0 + col < p.k);
  }
#pragma unroll
  for (int e = threadIdx.x; e < kTile * kDepth / 4; e += kProductThreads) {
    const int row = e / (kTile / 4), col = e % (kTile / 4) * 4;
    copy(&stage.b[row][col], p.b + std::int64_t{p0 + row} * p.n + j0 + col, p0 + row < p.k && j0 + col < p.n);
  }
}

// Through registers; the values are there when it returns.
__device__ inline void load_step(Stage& stage, const Product& p, int p0) {
  for_pieces(stage, p, p0, [](float* to, const float* from, bool inside) {
    *reinterpret_cast<float4*>(to) = inside ? *reinterpret_cast<const float4*>(from) : float4{0, 0, 0, 0};
  });
}

// As one group of asynchronous copies; past the last step an empty one.
__device__ inline void start_step(Stage& stage, const Product& p, int p0) {
  if (p0 < p.k)
    for_pieces(stage, p, p0, [](float* to, const float* from, bool inside) {
      if (inside)
        aisp::cuda::copy_async_16(to, from);
      else
        *reinterpret_cast<float4*>(to) = float4{0, 0, 0, 0};
    });
  aisp::cuda::commit_copies();
}

// This thread's part of C: rows 4·(thread / 16) + r and 64 more, columns likewise.
struct Accumulator {
  float sum[8][8] = {};

  __device__ void add_step(const Stage& stage) {
    const int row = threadIdx.x / 16 * 4, col = threadIdx.x % 16 * 4;
#pragma unroll
    for (int p = 0; p < kDepth; p += 2) {
      float2 a[8];
#pragma unroll
      for (int r = 0; r < 8; ++r) a[r] = *reinterpret_cast<const float2*>(&stage.a[row + r % 4 + r / 4 * 64][p]);
#pragma unroll
      for (int q = 0; q < 2; ++q) {
        float b[8];
        *reinterpret_cast<float4*>(b) = *reinterpret_cast<const float4*>(&stage.b[p + q][col]);
        *reinterpret_cast<float4*>(b + 4) = *reinterpret_cast<const float4*>(&stage.b[p + q][col + 64]);
#pragma unroll
        for (int r = 0; r < 8; ++r)
#pragma unroll
          for (int s = 0; s < 8; ++s) sum[r][s] += (q == 0 ? a[r].x : a[r].y) * b[s];
      }
    }
  }

  __device__ void store(const Product& p) const {
    const int i0 = static_cast<int>(blockIdx.y * kTile + threadIdx.x / 16 * 4);
    const int j0 = static_cast<int>(blockIdx.x * kTile + threadIdx.x % 16 * 4);
#pragma unroll
    for (int r = 0; r < 8; ++r) {
      const int i = i0 + r % 4 + r / 4 * 64;
#pragma unroll
      for (int s = 0; s < 8; s += 4)
        if (const int j = j0 + s / 4 * 64; i < p.m && j < p.n)
          *reinterpret_cast<float4*>(p.c + std::int64_t{i} * p.n + j) = {sum[r][s], sum[r][s + 1], sum[r][s + 2],
                                                                         sum[r][s + 3]};
    }
  }
};

// Launches kernel(Product) with `stages` stages of dynamic shared memory.
inline void launch_product(void (*kernel)(Product), int stages, aisp::Slot slot, aisp::Matrix<const float> a,
                           aisp::Matrix<const float> b, aisp::Matrix<float> c) {
  const Product p{
      a.data, b.data, c.data, static_cast<int>(c.dim(0)), static_cast<int>(c.dim(1)), static_cast<int>(a.dim(1))};
  const dim3 grid(aisp::blocks(p.n, kTile), aisp::blocks(p.m, kTile));
  kernel<<<grid, kProductThreads, stages * sizeof(Stage), aisp::stream(slot)>>>(p);
}
inline void allow_stages(void (*kernel)(Product), int stages) {
  aisp::allow_shared(kernel, static_cast<int>(stages * sizeof(Stage)));
}

}  // namespace ch10
