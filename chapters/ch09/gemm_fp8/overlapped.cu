// Overlapped: the tensor cores write to two accumulators in turns, so that a warpgroup adds one to its sums while they
// fill the other. Otherwise as the baseline. What binds it: shared memory, which at the full rate of the tensor cores
// would have to move 160 bytes a cycle, and has 128.
#include "fp8.hpp"

namespace {

using namespace gemm;
using namespace aisp::cuda;

constexpr int tile_n = 128, stages = stages8<tile_n>;

__global__ void __launch_bounds__(threads8, 1) overlapped(const __grid_constant__ Maps maps, int m, int n, int k) {
  auto& s = shared_storage<Shared8<tile_n>>();
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
    const auto release = [&](int step) {
      if (threadIdx.x % 128 == 0) arrive(s.empty[step % stages]);
    };
    float even[tile_n / 2], odd[tile_n / 2];
    for (int index = blockIdx.x; index < count; index += gridDim.x) {
      const auto tile = tile_at(index, tiles_m, tiles_n);
      float sum[tile_n / 2] = {};
      const auto begin = [&](float(&d)[tile_n / 2]) {
        const int stage = at % stages;
        wait(s.full[stage], at / stages & 1);
        multiply_tile<tile_n>(d, s.ring[stage].a + consumer * 64 * tile_k8, s.ring[stage].b);
        ++at;
      };
      begin(even);
      int step = 1;
      for (; step + 1 < steps; step += 2) {
        begin(odd);
        wgmma_wait<1>();
        release(at - 2);
        promote(sum, even);
        begin(even);
        wgmma_wait<1>();
        release(at - 2);
        promote(sum, odd);
      }
      if (step < steps) {
        begin(odd);
        wgmma_wait<1>();
        release(at - 2);
        promote(sum, even);
        wgmma_wait<0>();
        release(at - 1);
        promote(sum, odd);
      } else {
        wgmma_wait<0>();
        release(at - 1);
        promote(sum, even);
      }
      store_accumulator<tile_n>(sum, s.c[consumer], maps.c, tile.m * tile_m + consumer * 64, tile.n * tile_n,
                                1 + consumer);
    }
    wait_stores_read<0>();
  }
}

using Product = PersistentProduct<overlapped, fp8, Shared8<tile_n>, tile_n, threads8>;

}  // namespace

AISP_VARIANT(Product, .about = "two accumulators: one is promoted while the other fills");
