// Baseline: the pipeline of gemm_bf16's `persistent` with tiles of 128 × 128. A warpgroup multiplies 128 numbers along
// K, waits, adds the result to its sums in full FP32, and goes on. What binds it: a warpgroup that adds does not
// multiply, and both tend to add at the same time; and the L2, which must send 64 bytes a cycle to every
// multiprocessor.
#include "fp8.hpp"

namespace {

using namespace gemm;
using namespace aisp::cuda;

constexpr int tile_n = 128, stages = 6, threads = 384;

struct Shared {
  struct Stage {
    fp8 a[tile_m * tile_k8], b[tile_n * tile_k8];
  } ring[stages];
  bf16 c[2][64 * tile_n];  // a consumer's rows, on their way out
  Barrier full[stages], empty[stages];
};

__global__ void __launch_bounds__(threads, 1) product(const __grid_constant__ Maps maps, int m, int n, int k) {
  auto& s = shared_storage<Shared>();
  const int warpgroup = threadIdx.x / 128, steps = tiles(k, tile_k8);
  const int tiles_m = tiles(m, tile_m), tiles_n = tiles(n, tile_n), count = tiles_m * tiles_n;
  if (threadIdx.x == 0) {
    for (auto& barrier : s.full) init(barrier, 1);
    for (auto& barrier : s.empty) init(barrier, 2);
    fence_barrier_init();
  }
  __syncthreads();

  int at = 0;  // steps done, over all tiles
  if (warpgroup == 0) {
    give_up_registers<40>();
    if (threadIdx.x != 0) return;
    for (int index = blockIdx.x; index < count; index += gridDim.x) {
      const auto tile = tile_at(index, tiles_m, tiles_n);
      for (int step = 0; step < steps; ++step, ++at) {
        const int stage = at % stages;
        wait(s.empty[stage], (at / stages & 1) ^ 1);
        arrive_expecting(s.full[stage], sizeof(Shared::Stage));
        load_tile(s.ring[stage].a, maps.a, tile.m * tile_m, step * tile_k8, s.full[stage]);
        load_tile(s.ring[stage].b, maps.b, tile.n * tile_n, step * tile_k8, s.full[stage]);
      }
    }
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

using Product = PersistentProduct<product, fp8, Shared, tile_n, threads>;

}  // namespace

AISP_VARIANT(Product, .about = "128 × 128 tiles, sums promoted to FP32 between multiplications");
