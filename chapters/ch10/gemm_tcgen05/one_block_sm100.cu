// tcgen05 in its plainest form: a block works on 128 × 256 elements of C. One thread fetches tiles, one orders the
// products, which read both operands from shared memory and leave the sums in tensor memory; when all is done, four
// warps take them out. No registers hold operands or sums meanwhile. Expected: several times the baseline. What binds
// it: the tensor cores rest while a tile is fetched for the first time and while it is stored. Built for Blackwell
// only, and not yet run on one.
#include "../../ch09/tcgen05_rows.hpp"

namespace {

using namespace gemm;
using namespace aisp::cuda;

constexpr int tile_n = 256, stages = 4, threads = 192;

struct Shared {
  struct Stage {
    bf16 a[tile_m * tile_k], b[tile_n * tile_k];
  } ring[stages];
  Barrier full[stages], empty[stages], done;
  TensorAddress tmem;
};

__global__ void __launch_bounds__(threads)
    product(const __grid_constant__ Maps maps, bf16* __restrict__ c, int m, int n, int k) {
  auto& s = shared_storage<Shared>();
  const int row = blockIdx.y * tile_m, col = blockIdx.x * tile_n, steps = tiles(k, tile_k);
  const int warp = threadIdx.x / 32, lane = threadIdx.x % 32;
  if (threadIdx.x == 0) {
    for (auto& barrier : s.full) init(barrier, 1);
    for (auto& barrier : s.empty) init(barrier, 1);
    init(s.done, 1);
    fence_barrier_init();
  }
  if (warp == 2) allocate_columns<1>(s.tmem, tile_n);
  fence_before_barrier();
  __syncthreads();
  fence_after_barrier();
  const TensorAddress tmem = s.tmem;

  if (warp == 0 && lane == 0) {
    for (int step = 0; step < steps; ++step) {
      const int stage = step % stages;
      wait(s.empty[stage], (step / stages & 1) ^ 1);
      arrive_expecting(s.full[stage], sizeof(Shared::Stage));
      load_tile(s.ring[stage].a, maps.a, row, step * tile_k, s.full[stage]);
      load_tile(s.ring[stage].b, maps.b, col, step * tile_k, s.full[stage]);
    }
  } else if (warp == 1 && lane == 0) {
    constexpr auto instruction = instruction_bf16(tile_m, tile_n);
    for (int step = 0; step < steps; ++step) {
      const auto& [a, b] = s.ring[step % stages];
      wait(s.full[step % stages], step / stages & 1);
      fence_after_barrier();
#pragma unroll
      for (int i = 0; i < tile_k / 16; ++i)
        mma_bf16<1>(tmem, swizzled_tile(shared_address(a)) + i * kNextK, swizzled_tile(shared_address(b)) + i * kNextK,
                    instruction, step + i);
      commit(s.empty[step % stages]);
    }
    commit(s.done);
  } else if (warp >= 2) {
    wait(s.done, 0);
    fence_after_barrier();
    store_rows(tmem, tile_n, c, row, col, m, n);
    fence_before_barrier();
  }
  __syncthreads();
  if (warp == 2) free_columns<1>(tmem, tile_n);
}

class OneBlock {
 public:
  explicit OneBlock(const aisp::Setup& setup) : maps_(static_cast<std::size_t>(setup.max_slots())) {
    aisp::allow_shared(product, shared_bytes<Shared>);
  }
  void bind(aisp::Slot slot, Input a, Input b, Output c) {
    maps_[static_cast<std::size_t>(slot.index)] = make_maps(a, b, c, tile_n);
  }
  void operator()(aisp::Slot slot, Input a, Input, Output c) const {
    const dim3 grid(tiles(c.dim(1), tile_n), tiles(c.dim(0), tile_m));
    product<<<grid, threads, shared_bytes<Shared>, aisp::stream(slot)>>>(
        maps_[static_cast<std::size_t>(slot.index)], c.data, static_cast<int>(c.dim(0)), static_cast<int>(c.dim(1)),
        static_cast<int>(a.dim(1)));
  }

 private:
  std::vector<Maps> maps_;
};

}  // namespace

AISP_VARIANT(OneBlock, .about = "tcgen05 on 128 × 256 tiles, sums in tensor memory (Blackwell)");
