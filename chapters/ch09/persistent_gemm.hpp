// The matrix product of gemm_bf16's `persistent`, with something done to the accumulators on their way out.
#pragma once

#include "gemm.hpp"

namespace gemm {

using namespace aisp::cuda;

constexpr int tile_n = 256, stages = 4, threads = 384;

struct Shared {
  struct Stage {
    bf16 a[tile_m * tile_k], b[tile_n * tile_k];
  } ring[stages];
  bf16 c[2][64 * 128];  // a consumer's half of its rows, on their way out
  Barrier full[stages], empty[stages];
};

// Orders of the tiles: tile number `index` of tiles_m × tiles_n. See tile_at().
struct Grouped {
  int tiles_m, tiles_n;
  __device__ Tile operator()(int index) const { return tile_at(index, tiles_m, tiles_n); }
};

// `epilogue(d, col)` changes the accumulator of a warpgroup in place: 64 rows and tile_n columns from col on.
template <class Order, class Epilogue>
__global__ void __launch_bounds__(threads, 1)
    product(const __grid_constant__ Maps maps, int count, int k, Order order, Epilogue epilogue) {
  auto& s = shared_storage<Shared>();
  const int warpgroup = threadIdx.x / 128, steps = tiles(k, tile_k);
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
      const auto tile = order(index);
      for (int step = 0; step < steps; ++step, ++at) {
        const int stage = at % stages;
        wait(s.empty[stage], (at / stages & 1) ^ 1);
        arrive_expecting(s.full[stage], sizeof(Shared::Stage));
        load_tile(s.ring[stage].a, maps.a, tile.m * tile_m, step * tile_k, s.full[stage]);
        load_tile(s.ring[stage].b, maps.b, tile.n * tile_n, step * tile_k, s.full[stage]);
      }
    }
  } else {
    take_registers<232>();
    const int consumer = warpgroup - 1;
    const auto release = [&](int step) {
      if (threadIdx.x % 128 == 0) arrive(s.empty[step % stages]);
    };
    float d[tile_n / 2];
    for (int index = blockIdx.x; index < count; index += gridDim.x) {
      const auto tile = order(index);
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
      epilogue(d, tile.n * tile_n);
      store_accumulator<tile_n>(d, s.c[consumer], maps.c, tile.m * tile_m + consumer * 64, tile.n * tile_n,
                                1 + consumer);
    }
    wait_stores_read<0>();
  }
}

struct Unchanged {
  template <int count> __device__ void operator()(float (&)[count], int) const {}
};

// C = epilogue(A·Bᵀ), by one block a multiprocessor, or by one a tile.
template <class Epilogue = Unchanged, class Order = Grouped> class Product {
 public:
  explicit Product(const aisp::Setup& setup) : maps_(static_cast<std::size_t>(setup.max_slots())) {
    aisp::allow_shared(product<Order, Epilogue>, shared_bytes<Shared>);
  }
  void bind(aisp::Slot slot, Input a, Input b, Output c) {
    maps_[static_cast<std::size_t>(slot.index)] = make_maps(a, b, c, tile_n);
  }
  void operator()(aisp::Slot slot, Input a, Output c, Epilogue epilogue = {}) const {
    (*this)(slot, a, c, Order{tiles(c.dim(0), tile_m), tiles(c.dim(1), tile_n)}, blocks_, epilogue);
  }
  void operator()(aisp::Slot slot, Input a, Output c, Order order, int blocks, Epilogue epilogue = {}) const {
    const int count = tiles(c.dim(0), tile_m) * tiles(c.dim(1), tile_n);
    aisp::launch({.stream = aisp::stream(slot),
                  .grid = std::min(count, blocks),
                  .threads = threads,
                  .shared = shared_bytes<Shared>},
                 product<Order, Epilogue>, maps_[static_cast<std::size_t>(slot.index)], count,
                 static_cast<int>(a.dim(1)), order, epilogue);
  }

  int multiprocessors() const { return blocks_; }

 private:
  int blocks_ = aisp::multiprocessors();
  std::vector<Maps> maps_;
};

}  // namespace gemm
