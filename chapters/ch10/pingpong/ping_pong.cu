// Ping-pong: each warpgroup has tiles of its own, of 128 × 192, every other one of its block, and the two take turns
// with the tensor cores: while one is on its way out, the other multiplies. The turns also keep a warpgroup from
// waiting for a stage two rounds ahead, whose parity is that of the round before. The price is a narrower tile, for
// which shared memory and the L2 move more bytes a product. What binds it: the tensor cores and shared memory.
#include "../../ch09/gemm.hpp"

namespace {

using namespace gemm;
using namespace aisp::cuda;

constexpr int tile_n = 192, stages = 5, threads = 384;

struct Shared {
  struct Stage {
    bf16 a[tile_m * tile_k], b[tile_n * tile_k];
  } ring[stages];
  bf16 c[2][64 * 64];  // a piece of a consumer's tile, on its way out
  Barrier full[stages], empty[stages];
};

__global__ void __launch_bounds__(threads, 1) product(const __grid_constant__ Maps maps, int m, int n, int k) {
  auto& s = shared_storage<Shared>();
  const int warpgroup = threadIdx.x / 128, steps = tiles(k, tile_k);
  const int tiles_m = tiles(m, tile_m), tiles_n = tiles(n, tile_n), count = tiles_m * tiles_n;
  if (threadIdx.x == 0) init_ring(s, 1);
  __syncthreads();

  if (warpgroup == 0) {
    give_up_registers<40>();
    if (threadIdx.x == 0) fetch_tiles<tile_n>(s, maps, tiles_m, tiles_n, steps);
  } else {
    take_registers<232>();
    const int consumer = warpgroup - 1;
    const auto release = [&](int step) {
      if (threadIdx.x % 128 == 0) arrive(s.empty[step % stages]);
    };
    const auto my_turn = [&] { named_barrier(3 + consumer, 256); };
    const auto your_turn = [&] { arrive_at_named_barrier(4 - consumer, 256); };
    if (consumer == 1) your_turn();
    float upper[tile_n / 2], lower[tile_n / 2];  // 64 rows each
    int at = consumer * steps;                   // steps of the block before this tile
    for (int index = blockIdx.x + consumer * gridDim.x; index < count; index += 2 * gridDim.x, at += steps) {
      const auto tile = tile_at(index, tiles_m, tiles_n);
      my_turn();
      for (int step = 0; step < steps; ++step, ++at) {
        const auto& [a, b] = s.ring[at % stages];
        wait(s.full[at % stages], at / stages & 1);
        wgmma_fence();
#pragma unroll
        for (int i = 0; i < tile_k / 16; ++i) {
          wgmma_bf16<tile_n>(upper, wgmma_tile(a) + i * kNextK, wgmma_tile(b) + i * kNextK, step + i);
          wgmma_bf16<tile_n>(lower, wgmma_tile(a + 64 * tile_k) + i * kNextK, wgmma_tile(b) + i * kNextK, step + i);
        }
        wgmma_commit();
        wgmma_wait<1>();
        if (step) release(at - 1);
      }
      your_turn();
      wgmma_wait<0>();
      release(at - 1);
      store_accumulator<tile_n>(upper, s.c[consumer], maps.c, tile.m * tile_m, tile.n * tile_n, 1 + consumer);
      store_accumulator<tile_n>(lower, s.c[consumer], maps.c, tile.m * tile_m + 64, tile.n * tile_n, 1 + consumer);
    }
    if (threadIdx.x % 128 == 0) wait_stores_read<0>();
  }
}

using Product = PersistentProduct<product, bf16, Shared, tile_n, threads>;

}  // namespace

AISP_VARIANT(Product, .about = "a tile a warpgroup: one stores while the other multiplies");
