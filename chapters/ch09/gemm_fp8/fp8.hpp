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

constexpr int threads8 = 384;
template <int tile_n> constexpr int stages8 = 192 * 1024 / ((tile_m + tile_n) * tile_k8);  // as many as 192 KB hold

template <int tile_n> struct Shared8 {
  struct Stage {
    fp8 a[tile_m * tile_k8], b[tile_n * tile_k8];
  } ring[stages8<tile_n>];
  bf16 c[2][64 * (tile_n % 128 ? 64 : 128)];  // a consumer's rows, on their way out
  aisp::cuda::Barrier full[stages8<tile_n>], empty[stages8<tile_n>];
};

// C = A·Bᵀ in tiles of 128 × tile_n. A warpgroup multiplies 128 numbers along K, waits, adds the result to its sums in
// full FP32, and goes on.
template <int tile_n>
__global__ void __launch_bounds__(threads8, 1)
    promoted_product(const __grid_constant__ Maps maps, int m, int n, int k) {
  using namespace aisp::cuda;
  using Storage = Shared8<tile_n>;
  constexpr int stages = stages8<tile_n>;
  auto& s = shared_storage<Storage>();
  const int warpgroup = threadIdx.x / 128, steps = tiles(k, tile_k8);
  const int tiles_m = tiles(m, tile_m), tiles_n = tiles(n, tile_n), count = tiles_m * tiles_n;
  if (threadIdx.x == 0) init_ring(s, 2);
  __syncthreads();

  int at = 0;  // steps done, over all tiles
  if (warpgroup == 0) {
    give_up_registers<40>();
    if (threadIdx.x == 0) fetch_tiles<tile_n>(s, maps, tiles_m, tiles_n, steps);
  } else {
    take_registers<232>();
    const int consumer = warpgroup - 1;
    float d[tile_n / 2];
    for (int index = blockIdx.x; index < count; index += gridDim.x) {
      const auto tile = tile_at(index, tiles_m, tiles_n);
      float sum[tile_n / 2] = {};
      for (int step = 0; step < steps; ++step, ++at) {
        const int stage = at % stages;
        wait(s.full[stage], at / stages & 1);
        multiply_tile<tile_n>(d, s.ring[stage].a + consumer * 64 * tile_k8, s.ring[stage].b);
        wgmma_wait<0>();
        if (threadIdx.x % 128 == 0) arrive(s.empty[stage]);
        promote(sum, d);
      }
      store_accumulator<tile_n>(sum, s.c[consumer], maps.c, tile.m * tile_m + consumer * 64, tile.n * tile_n,
                                1 + consumer);
    }
    wait_stores_read<0>();
  }
}

template <int tile_n>
using PromotedProduct = PersistentProduct<promoted_product<tile_n>, fp8, Shared8<tile_n>, tile_n, threads8>;

}  // namespace gemm
