// The matrix product of gemm_bf16's `persistent`, with tiles of any width, blocks that may share their fetches, an
// order of the tiles, and something done to the accumulators on their way out.
#pragma once

#include "gemm.hpp"

namespace gemm {

using namespace aisp::cuda;

constexpr int threads = 384;
template <int tile_n> constexpr int stages = 192 * 1024 / ((tile_m + tile_n) * tile_k * 2);  // as many as 192 KB hold

template <int tile_n> struct Shared {
  struct Stage {
    bf16 a[tile_m * tile_k], b[tile_n * tile_k];
  } ring[stages<tile_n>];
  bf16 c[2][64 * (tile_n < 128 ? tile_n : 128)];  // a consumer's rows, or half of them, on their way out
  Barrier full[stages<tile_n>], empty[stages<tile_n>];
};

// Orders of the tiles: tile number `index` of tiles_m × tiles_n. See tile_at().
struct Grouped {
  int tiles_m, tiles_n;
  __device__ Tile operator()(int index) const { return tile_at(index, tiles_m, tiles_n); }
};

// With a cluster of two, two blocks work on tiles one above the other, which need the same rows of B: each fetches half
// of them for both, and a stage is free when the consumers of both say so. A tile of the order is then one of 2·tile_m
// rows. `epilogue(d, col)` changes the accumulator of a warpgroup in place: 64 rows and tile_n columns from col on.
template <int tile_n, int cluster, class Order, class Epilogue>
__global__ void __launch_bounds__(threads, 1)
    product(const __grid_constant__ Maps maps, int count, int k, Order order, Epilogue epilogue) {
  using Storage = Shared<tile_n>;
  constexpr int stages = gemm::stages<tile_n>, share = tile_n / cluster;
  auto& s = shared_storage<Storage>();
  const int warpgroup = threadIdx.x / 128, steps = tiles(k, tile_k), rank = cluster == 1 ? 0 : cluster_rank();
  if (threadIdx.x == 0) init_ring(s, 2 * cluster);
  cluster == 1 ? __syncthreads() : cluster_sync();

  int at = 0;  // steps done, over all tiles
  if (warpgroup == 0) {
    give_up_registers<40>();
    for (int index = blockIdx.x / cluster; threadIdx.x == 0 && index < count; index += gridDim.x / cluster) {
      const auto tile = order(index);
      const int row = (tile.m * cluster + rank) * tile_m, col = tile.n * tile_n;
      for (int step = 0; step < steps; ++step, ++at) {
        const int stage = at % stages;
        auto& [a, b] = s.ring[stage];
        wait(s.empty[stage], (at / stages & 1) ^ 1);
        arrive_expecting(s.full[stage], sizeof(typename Storage::Stage));
        load_tile(a, maps.a, row, step * tile_k, s.full[stage]);
        if constexpr (cluster == 1)
          load_tile(b, maps.b, col, step * tile_k, s.full[stage]);
        else
          load_tile_multicast(b + rank * share * tile_k, maps.b, col + rank * share, step * tile_k, s.full[stage],
                              (1 << cluster) - 1);
      }
    }
    __syncwarp();
  } else {
    take_registers<232>();
    const int consumer = warpgroup - 1;
    const auto release = [&](int step) {
      auto& empty = s.empty[step % stages];
      if constexpr (cluster == 1) {
        if (threadIdx.x % 128 == 0) arrive(empty);
      } else {
        if (threadIdx.x % 128 < cluster) arrive_at(empty, threadIdx.x % 128);
      }
    };
    const Lead lead{consumer};
    lead.start();
    float d[tile_n / 2];
    for (int index = blockIdx.x / cluster; index < count; index += gridDim.x / cluster) {
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
        lead.after_step(at);
        wgmma_wait<1>();
        if (step) release(at - 1);
      }
      wgmma_wait<0>();
      release(at - 1);
      epilogue(d, tile.n * tile_n);
      store_accumulator<tile_n>(d, s.c[consumer], maps.c, (tile.m * cluster + rank) * tile_m + consumer * 64,
                                tile.n * tile_n, 1 + consumer);
    }
    lead.at_end(at);
    wait_stores_read<0>();
  }
  if constexpr (cluster > 1) cluster_sync();  // the other block may still write to this one's shared memory
}

struct Unchanged {
  template <int count> __device__ void operator()(float (&)[count], int) const {}
};

// C = epilogue(A·Bᵀ), by at most one block a multiprocessor, or by as many as asked for.
template <class Epilogue = Unchanged, class Order = Grouped, int tile_n = 256, int cluster = 1> class Product {
 public:
  explicit Product(const aisp::Setup& setup) : maps_(static_cast<std::size_t>(setup.max_slots())) {
    aisp::allow_shared(product<tile_n, cluster, Order, Epilogue>, shared_bytes<Shared<tile_n>>);
  }
  void bind(aisp::Slot slot, Input a, Input b, Output c) {
    maps_[static_cast<std::size_t>(slot.index)] = make_maps(a, b, c, tile_n / cluster);
  }
  void operator()(aisp::Slot slot, Input a, Output c, Epilogue epilogue = {}) const {
    (*this)(slot, a, c, Order{tiles_m(c), tiles_n(c)}, blocks_, epilogue);
  }
  void operator()(aisp::Slot slot, Input a, Output c, Order order, int blocks, Epilogue epilogue = {}) const {
    const int count = tiles_m(c) * tiles_n(c);
    aisp::launch({.stream = aisp::stream(slot),
                  .grid = fewest_blocks(count, blocks / cluster) * cluster,
                  .threads = threads,
                  .shared = shared_bytes<Shared<tile_n>>,
                  .cluster = cluster},
                 product<tile_n, cluster, Order, Epilogue>, maps_[static_cast<std::size_t>(slot.index)], count,
                 static_cast<int>(a.dim(1)), order, epilogue);
  }

  static int tiles_m(Output c) { return tiles(c.dim(0), tile_m * cluster); }
  static int tiles_n(Output c) { return tiles(c.dim(1), tile_n); }
  int multiprocessors() const { return blocks_; }

 private:
  int blocks_ = aisp::multiprocessors();
  std::vector<Maps> maps_;
};

}  // namespace gemm
