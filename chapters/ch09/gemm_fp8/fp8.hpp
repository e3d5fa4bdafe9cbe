// What the rungs of this ladder share beside ../gemm.hpp.
#pragma once

#include "../gemm.hpp"

namespace gemm {

using fp8 = __nv_fp8_e4m3;
using Input8 = aisp::Matrix<const fp8>;

// A row of a tile is 128 numbers along K. That is also how many products the tensor cores sum by themselves before the
// sum moves on to registers of full FP32 ("promotion"; DeepSeek-V3 Technical Report, 2024, §3.3.2).
constexpr int tile_k8 = 128;

// d = 64 rows of `a` times tile_n rows of `b`, one tile along K, begun and not awaited.
template <int tile_n> __device__ inline void multiply_tile(float (&d)[tile_n / 2], const fp8* a, const fp8* b) {
  using namespace aisp::cuda;
  wgmma_fence();
#pragma unroll
  for (int i = 0; i < tile_k8 / 32; ++i)
    wgmma_f8e4m3<tile_n>(d, wgmma_tile(a) + i * kNextK, wgmma_tile(b) + i * kNextK, i > 0);
  wgmma_commit();
}

template <int count> __device__ inline void promote(float (&sum)[count], const float (&d)[count]) {
#pragma unroll
  for (int i = 0; i < count; ++i) sum[i] += d[i];
}

}  // namespace gemm
