// Multicast: two blocks of a cluster work on tiles one above the other, which need the same rows of B. Each fetches
// half of them for both, so that the L2 sends a third less; a stage is free when the consumers of both blocks say
// so. Small products take narrower tiles, without clusters, so that all multiprocessors have one. Otherwise as
// `persistent`. On an H200: 0.99 times cuBLASLt at 4096³ and 8192³, 0.94 at (128, 8192, 8192), where splitting K
// would help. What binds it: the tensor cores, and the power that they draw.
#include "../gemm.hpp"

namespace {

using namespace gemm;
using namespace aisp::cuda;

constexpr int threads = 384;
// As many as 192 KB hold.
template <int tile_n> constexpr int stages = 192 * 1024 / ((tile_m + tile_n) * tile_k * 2);

template <int tile_n> struct Shared {
  struct Stage {
    bf16 a[tile_m * tile_k], b[tile_n * tile_k];
  } ring[stages<tile_n>];
  bf16 c[2][64 * (tile_n < 128 ? tile_n : 128)];
  Barrier full[stages<tile_n>], empty[stages<tile_n>];
};

template <int tile_n, int cluster>
__global__ void __launch_bounds__(threads, 1) product(const __grid_constant__ Maps maps, int m, int n, int k) {
  using Storage = Shared<tile_n>;
  auto& s = shared_storage<Storage>();
  const int warpgroup = threadIdx.x / 128, steps = tiles(k, tile_k), rank = cluster == 1 ? 0 : cluster_rank();
  const int tiles_m = tiles(m, tile_m * cluster), tiles_n = tiles(n, tile_n), count = tiles_m * tiles_n;
  if (threadIdx.x == 0) {
    for (auto& barrier : s.full) init(barrier, 1);
    for (auto& barrier : s.empty) init(barrier, 2 * cluster);
    fence_barrier_init();
  }
  cluster == 1 ? __syncthreads() : cluster_sync();

  int at = 0;  // steps done, over all tiles
  if (warpgroup == 0) {
    give_up_registers<40>();
    for (int index = blockIdx.x / cluster; threadIdx.x == 0 && index < count; index += gridDim.x / cluster) {
      const auto tile = tile_at(index, tiles_m, tiles_n);
      const int row = (tile.m * cluster + rank) * tile_m, col = tile.n * tile_n;
      for (int step = 0; step < steps; ++step, ++at) {
        const int stage = at % stages<tile_n>;
        auto& [a, b] = s.ring[stage];
        wait(s.empty[stage], (at / stages<tile_n> & 1) ^ 1);
        arrive_expecting(s.full[stage], sizeof(typename Storage::Stage));
        load_tile(a, maps.a, row, step * tile_k, s.full[stage]);
        constexpr int share = tile_n / cluster;
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
      auto& empty = s.empty[step % stages<tile_n>];
      if constexpr (cluster == 1) {
        if (threadIdx.x % 128 == 0) arrive(empty);
      } else {
        if (threadIdx.x % 128 < cluster) arrive_at(empty, threadIdx.x % 128);
      }
    };
    float d[tile_n / 2];
    for (int index = blockIdx.x / cluster; index < count; index += gridDim.x / cluster) {
      const auto tile = tile_at(index, tiles_m, tiles_n);
      for (int step = 0; step < steps; ++step, ++at) {
        const auto& [a, b] = s.ring[at % stages<tile_n>];
        wait(s.full[at % stages<tile_n>], at / stages<tile_n> & 1);
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
      store_accumulator<tile_n>(d, s.c[consumer], maps.c, (tile.m * cluster + rank) * tile_m + consumer * 64,
                                tile.n * tile_n, 1 + consumer);
    }
    wait_stores_read<0>();
  }
  if constexpr (cluster > 1) cluster_sync();  // the other block may still write to this one's shared memory
}

// A shape of tile, and how it is launched.
struct Shape {
  int tile_n, cluster, bytes;
  void (*kernel)(Maps, int, int, int);
};
template <int tile_n, int cluster> Shape shape() {
  aisp::allow_shared(product<tile_n, cluster>, shared_bytes<Shared<tile_n>>);
  return {tile_n, cluster, shared_bytes<Shared<tile_n>>, product<tile_n, cluster>};
}

class Product {
 public:
  explicit Product(const aisp::Setup& setup) : maps_(static_cast<std::size_t>(setup.max_slots())) {
    const auto sizes = setup.shape("c");
    const Shape shapes[] = {shape<256, 2>(), shape<128, 1>(), shape<64, 1>()};
    // Rounds of tiles times what a tile takes, a part of which does not depend on its width.
    const auto cost = [&](const Shape& s) {
      const int count = s.cluster * tiles(sizes[0], tile_m * s.cluster) * tiles(sizes[1], s.tile_n);
      return tiles(count, blocks_) * (s.tile_n + 32);
    };
    shape_ = *std::min_element(std::begin(shapes), std::end(shapes),
                               [&](const Shape& a, const Shape& b) { return cost(a) < cost(b); });
  }
  void bind(aisp::Slot slot, Input a, Input b, Output c) {
    maps_[static_cast<std::size_t>(slot.index)] = make_maps(a, b, c, shape_.tile_n / shape_.cluster);
  }
  void operator()(aisp::Slot slot, Input a, Input, Output c) const {
    const int cluster = shape_.cluster;
    const int count = tiles(c.dim(0), tile_m * cluster) * tiles(c.dim(1), shape_.tile_n);
    aisp::launch({.stream = aisp::stream(slot),
                  .grid = std::min(count, blocks_ / cluster) * cluster,
                  .threads = threads,
                  .shared = static_cast<std::size_t>(shape_.bytes),
                  .cluster = cluster},
                 shape_.kernel, maps_[static_cast<std::size_t>(slot.index)], static_cast<int>(c.dim(0)),
                 static_cast<int>(c.dim(1)), static_cast<int>(a.dim(1)));
  }

 private:
  int blocks_ = aisp::multiprocessors();
  Shape shape_{};
  std::vector<Maps> maps_;
};

}  // namespace

AISP_VARIANT(Product, .about = "rows of B for two blocks at once, tiles by size");
