// Persistent blocks: at most one for each multiprocessor, which takes tile after tile in an order that keeps those in
// flight close together, so that the L2 serves most of them. The fetching thread runs ahead into the next tile while
// the last one is stored, by way of shared memory, so that the copy engine writes whole lines. Otherwise as
// `specialized`. On an H200: 1.12 times that, 0.99 to 1.02 times cuBLASLt. What binds it: the tensor cores, and the
// power that they draw.
#include "../gemm.hpp"

namespace {

using namespace gemm;
using namespace aisp::cuda;

constexpr int tile_n = 256, stages = 4, threads = 384;

struct Shared {
  struct Stage {
    bf16 a[tile_m * tile_k], b[tile_n * tile_k];
  } ring[stages];
  bf16 c[2][64 * 128];  // a consumer's half of its rows, on their way out
  Barrier full[stages], empty[stages];
};

__global__ void __launch_bounds__(threads, 1) product(const __grid_constant__ Maps maps, int m, int n, int k) {
  auto& s = shared_storage<Shared>();
  const int warpgroup = threadIdx.x / 128, steps = tiles(k, tile_k);
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
    float d[tile_n / 2];
    for (int index = blockIdx.x; index < count; index += gridDim.x) {
      const auto tile = tile_at(index, tiles_m, tiles_n);
      for (int step = 0; step < steps; ++step, ++at) {
        const auto& [a, b] = s.ring[at % stages];
        wait(s.full[at % stages], at / stages & 1);
        wgmma_fence();
#pragma unroll
        for (int i = 0; i < tile_k / 16; ++i)
          wgmma_bf16<tile_n>(d, wgmma_tile(a + consumer * 64 * tile_k) + i * kNextK, wgmma_tile(b) + i * kNextK,
                             step + i);
        wgmma_commit();
        wgmma_wait<1>();
        if (step) release(at - 1);
      }
      wgmma_wait<0>();
      release(at - 1);
      store_accumulator<tile_n>(d, s.c[consumer], maps.c, tile.m * tile_m + consumer * 64, tile.n * tile_n,
                                1 + consumer);
    }
    wait_stores_read<0>();
  }
}

using Product = PersistentProduct<product, bf16, Shared, tile_n, threads>;

}  // namespace

AISP_VARIANT(Product, .about = "one block a multiprocessor, tiles in an order for the L2");
