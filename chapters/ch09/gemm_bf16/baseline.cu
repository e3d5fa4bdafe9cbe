// Baseline: Hopper's own instructions in their plainest form. A block of two warpgroups works on 128 × 128 elements of
// C; the copy engine fetches 64 columns of A and of B at a time into a ring of three stages; each warpgroup multiplies
// its 64 rows with wgmma, waits for the result and meets the other before a stage is used again. What binds it: the
// tensor cores wait for the barrier in every step, and for the whole epilogue.
#include "../gemm.hpp"

namespace {

using namespace gemm;
using namespace aisp::cuda;

constexpr int tile_n = 128, stages = 3, threads = 256;

struct Shared {
  struct Stage {
    bf16 a[tile_m * tile_k], b[tile_n * tile_k];
  } ring[stages];
  Barrier full[stages];
};

__global__ void __launch_bounds__(threads)
    product(const __grid_constant__ Maps maps, bf16* __restrict__ c, int m, int n, int k) {
  auto& s = shared_storage<Shared>();
  const int row = blockIdx.y * tile_m, col = blockIdx.x * tile_n, warpgroup = threadIdx.x / 128;
  const int steps = tiles(k, tile_k);
  const auto fetch = [&](int step) {
    if (threadIdx.x != 0 || step >= steps) return;
    auto& [a, b] = s.ring[step % stages];
    auto& full = s.full[step % stages];
    arrive_expecting(full, sizeof(Shared::Stage));
    load_tile(a, maps.a, row, step * tile_k, full);
    load_tile(b, maps.b, col, step * tile_k, full);
  };

  if (threadIdx.x == 0) {
    for (auto& barrier : s.full) init(barrier, 1);
    fence_barrier_init();
  }
  __syncthreads();
  for (int step = 0; step < stages - 1; ++step) fetch(step);

  float d[tile_n / 2];
  for (int step = 0; step < steps; ++step) {
    fetch(step + stages - 1);  // where the previous step read
    wait(s.full[step % stages], step / stages & 1);
    const auto& [a, b] = s.ring[step % stages];
    wgmma_fence();
#pragma unroll
    for (int i = 0; i < tile_k / 16; ++i)
      wgmma_bf16<tile_n>(d, wgmma_tile(a + warpgroup * 64 * tile_k) + i * kNextK, wgmma_tile(b) + i * kNextK, step + i);
    wgmma_commit();
    wgmma_wait<0>();
    __syncthreads();
  }
  store_accumulator<tile_n>(d, c, row + warpgroup * 64, col, m, n);
}

class Product {
 public:
  explicit Product(const aisp::Setup& setup) : maps_(static_cast<std::size_t>(setup.max_slots())) {
    aisp::allow_shared(product, shared_bytes<Shared>);
  }
  void bind(aisp::Slot slot, Input a, Input b, Output c) {
    maps_[static_cast<std::size_t>(slot.index)] = make_maps(a, b, c, tile_n);
  }
  void operator()(aisp::Slot slot, Input a, Input, Output c) const {
    const dim3 grid(tiles(c.dim(1), tile_n), tiles(c.dim(0), tile_m));
    aisp::launch({.stream = aisp::stream(slot), .grid = grid, .threads = threads, .shared = shared_bytes<Shared>},
                 product, maps_[static_cast<std::size_t>(slot.index)], c.data, static_cast<int>(c.dim(0)),
                 static_cast<int>(c.dim(1)), static_cast<int>(a.dim(1)));
  }

 private:
  std::vector<Maps> maps_;
};

}  // namespace

AISP_VARIANT(Product, .about = "wgmma on 128 × 128 tiles, three stages");
