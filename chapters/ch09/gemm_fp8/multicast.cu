// Multicast: tiles of 256 × 128, and two blocks of a cluster side by side, which need the same rows of A. Each fetches
// half of them for both, so that a multiprocessor takes 32 bytes a cycle from the L2, half of what 128 × 128 tiles
// take. The sums of 256 × 128 elements leave a warpgroup room for one accumulator of 64 rows: while it adds that to its
// sums, the tensor cores work for the other warpgroup. What binds it: the tensor cores, and the power that they draw.
#include "fp8.hpp"

namespace {

using namespace gemm;
using namespace aisp::cuda;

constexpr int rows = 256, tile_n = 128, cluster = 2, stages = 4, threads = 384;

struct Shared {
  struct Stage {
    fp8 a[rows * tile_k8], b[tile_n * tile_k8];
  } ring[stages];
  bf16 c[2][64 * tile_n];
  Barrier full[stages], empty[stages];
};

__global__ void __launch_bounds__(threads, 1) product(const __grid_constant__ Maps maps, int m, int n, int k) {
  auto& s = shared_storage<Shared>();
  const int warpgroup = threadIdx.x / 128, steps = tiles(k, tile_k8), rank = cluster_rank();
  const int tiles_m = tiles(m, rows), tiles_n = tiles(n, tile_n * cluster), count = tiles_m * tiles_n;
  if (threadIdx.x == 0) {
    for (auto& barrier : s.full) init(barrier, 1);
    for (auto& barrier : s.empty) init(barrier, 2 * cluster);
    fence_barrier_init();
  }
  cluster_sync();

  int at = 0;  // steps done, over all tiles
  if (warpgroup == 0) {
    give_up_registers<40>();
    for (int index = blockIdx.x / cluster; threadIdx.x == 0 && index < count; index += gridDim.x / cluster) {
      const auto tile = tile_at(index, tiles_m, tiles_n);
      for (int step = 0; step < steps; ++step, ++at) {
        const int stage = at % stages;
        auto& [a, b] = s.ring[stage];
        wait(s.empty[stage], (at / stages & 1) ^ 1);
        arrive_expecting(s.full[stage], sizeof(Shared::Stage));
        constexpr int share = rows / cluster;
        load_tile_multicast(a + rank * share * tile_k8, maps.a, tile.m * rows + rank * share, step * tile_k8,
                            s.full[stage], (1 << cluster) - 1);
        load_tile(b, maps.b, (tile.n * cluster + rank) * tile_n, step * tile_k8, s.full[stage]);
      }
    }
    __syncwarp();
  } else {
    take_registers<232>();
    const int consumer = warpgroup - 1;
    float d[tile_n / 2];
    for (int index = blockIdx.x / cluster; index < count; index += gridDim.x / cluster) {
      const auto tile = tile_at(index, tiles_m, tiles_n);
      float upper[tile_n / 2] = {}, lower[tile_n / 2] = {};  // 64 rows each
      for (int step = 0; step < steps; ++step, ++at) {
        const int stage = at % stages;
        const fp8* a = s.ring[stage].a + consumer * 128 * tile_k8;
        wait(s.full[stage], at / stages & 1);
        multiply_tile<tile_n>(d, a, s.ring[stage].b);
        wgmma_wait<0>();
        promote(upper, d);
        multiply_tile<tile_n>(d, a + 64 * tile_k8, s.ring[stage].b);
        wgmma_wait<0>();
        if (threadIdx.x % 128 < cluster) arrive_at(s.empty[stage], threadIdx.x % 128);
        promote(lower, d);
      }
      const int row = tile.m * rows + consumer * 128, col = (tile.n * cluster + rank) * tile_n;
      store_accumulator<tile_n>(upper, s.c[consumer], maps.c, row, col, 1 + consumer);
      store_accumulator<tile_n>(lower, s.c[consumer], maps.c, row + 64, col, 1 + consumer);
    }
    wait_stores_read<0>();
  }
  cluster_sync();  // the other block may still write to this one's shared memory
}

class Product {
 public:
  explicit Product(const aisp::Setup& setup) : maps_(static_cast<std::size_t>(setup.max_slots())) {
    aisp::allow_shared(product, shared_bytes<Shared>);
  }
  void bind(aisp::Slot slot, Input8 a, Input8 b, Output c) {
    static_assert(rows / cluster == tile_m);  // what a copy of A fetches
    maps_[static_cast<std::size_t>(slot.index)] = make_maps(a, b, c, tile_n);
  }
  void operator()(aisp::Slot slot, Input8 a, Input8, Output c) const {
    const int count = tiles(c.dim(0), rows) * tiles(c.dim(1), tile_n * cluster);
    aisp::launch({.stream = aisp::stream(slot),
                  .grid = std::min(count, blocks_ / cluster) * cluster,
                  .threads = threads,
                  .shared = shared_bytes<Shared>,
                  .cluster = cluster},
                 product, maps_[static_cast<std::size_t>(slot.index)], static_cast<int>(c.dim(0)),
                 static_cast<int>(c.dim(1)), static_cast<int>(a.dim(1)));
  }

 private:
  int blocks_ = aisp::multiprocessors();
  std::vector<Maps> maps_;
};

}  // namespace

AISP_VARIANT(Product, .about = "256 × 128 tiles, two blocks share rows of A");
