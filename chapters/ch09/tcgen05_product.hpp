// The matrix product of two blocks that work as a pair on Blackwell: 256 × 256 elements of C at a time, of which each
// block keeps 128 rows in tensor memory. Persistent: while four warps take one accumulator out, the tensor cores fill
// the other. Built, and not yet run on hardware.
#pragma once

#include <aisp/cuda/tcgen05.hpp>

#include "gemm.hpp"

namespace tcgen05_product {

using namespace gemm;
using namespace aisp::cuda;

constexpr int pair_m = 256, pair_n = 256, block_n = pair_n / 2;  // rows of B that a block brings
constexpr int stages = 6, threads = 192;                         // a fetching warp, an ordering warp, four that store
constexpr int columns = 512;                                     // of tensor memory: all of it
constexpr int chunk = 64;                                        // columns of C that are stored at a time
constexpr std::uint16_t both = 0b11;

struct Shared {
  struct Stage {
    bf16 a[tile_m * tile_k], b[block_n * tile_k];
  } ring[stages];
  bf16 c[2][tile_m * chunk];  // on their way out
  Barrier full[stages], empty[stages];
  Barrier done[2], free[2];  // of accumulators
  TensorAddress tmem;
};

inline Maps make_pair_maps(Input a, Input b, Output c) {
  return {tensor_map(a.data, a.dim(0), a.dim(1), tile_m, tile_k, Swizzle::bytes_128),
          tensor_map(b.data, b.dim(0), b.dim(1), block_n, tile_k, Swizzle::bytes_128),
          tensor_map(static_cast<const bf16*>(c.data), c.dim(0), c.dim(1), tile_m, chunk, Swizzle::bytes_128)};
}

// `finish(v, col)` changes 32 elements of a row in place, from column col on. With one accumulator the tensor cores
// wait for the way out.
template <int accumulators, class Finish>
__global__ void __cluster_dims__(2) __launch_bounds__(threads, 1)
    product(const __grid_constant__ Maps maps, int m, int n, int k, Finish finish) {
  auto& s = shared_storage<Shared>();
  const int rank = cluster_rank(), warp = threadIdx.x / 32, lane = threadIdx.x % 32, steps = tiles(k, tile_k);
  const int tiles_m = tiles(m, pair_m), tiles_n = tiles(n, pair_n), count = tiles_m * tiles_n;
  const int first = blockIdx.x / 2, stride = gridDim.x / 2;
  if (threadIdx.x == 0) {
    for (auto& barrier : s.full) init(barrier, 1);
    for (auto& barrier : s.empty) init(barrier, 1);
    for (auto& barrier : s.done) init(barrier, 1);
    for (auto& barrier : s.free) init(barrier, 8);  // four warps of each block
    fence_barrier_init();
  }
  if (warp == 2) allocate_columns<2>(s.tmem, columns);
  fence_before_barrier();
  cluster_sync();
  fence_after_barrier();
  const TensorAddress tmem = s.tmem;

  if (warp == 0 && lane == 0) {  // fetches this block's rows; the bytes of both count at the even block
    for (int index = first, at = 0; index < count; index += stride) {
      const auto tile = tile_at(index, tiles_m, tiles_n);
      for (int step = 0; step < steps; ++step, ++at) {
        const int stage = at % stages;
        wait(s.empty[stage], (at / stages & 1) ^ 1);
        if (rank == 0) arrive_expecting(s.full[stage], 2 * sizeof(Shared::Stage));
        load_tile_pair(s.ring[stage].a, maps.a, tile.m * pair_m + rank * tile_m, step * tile_k, s.full[stage], 0);
        load_tile_pair(s.ring[stage].b, maps.b, tile.n * pair_n + rank * block_n, step * tile_k, s.full[stage], 0);
      }
    }
  } else if (warp == 1 && lane == 0 && rank == 0) {  // orders the products of both
    constexpr auto instruction = instruction_bf16(pair_m, pair_n);
    for (int index = first, at = 0, turn = 0; index < count; index += stride, ++turn) {
      const int accumulator = turn % accumulators;
      wait(s.free[accumulator], (turn / accumulators & 1) ^ 1);
      fence_after_barrier();
      for (int step = 0; step < steps; ++step, ++at) {
        const auto& [a, b] = s.ring[at % stages];
        wait(s.full[at % stages], at / stages & 1);
        fence_after_barrier();
#pragma unroll
        for (int i = 0; i < tile_k / 16; ++i)
          mma_bf16<2>(tmem + accumulator * pair_n, swizzled_tile(shared_address(a)) + i * kNextK,
                      swizzled_tile(shared_address(b)) + i * kNextK, instruction, step + i);
        commit_pair(s.empty[at % stages], both);
      }
      commit_pair(s.done[accumulator], both);
    }
  } else if (warp >= 2) {                                   // take accumulators out, a row a thread
    const int quarter = warp % 4, r = quarter * 32 + lane;  // a warp reaches the lanes of its quarter only
    const bool leader = threadIdx.x == 64;
    int staged = 0;
    for (int index = first, turn = 0; index < count; index += stride, ++turn) {
      const auto tile = tile_at(index, tiles_m, tiles_n);
      const int accumulator = turn % accumulators;
      wait(s.done[accumulator], turn / accumulators & 1);
      fence_after_barrier();
      for (int col = 0; col < pair_n; col += chunk, ++staged) {
        auto* staging = s.c[staged % 2];
        if (leader) wait_stores_read<1>();  // what was staged here before is on its way
        named_barrier(1, 128);
#pragma unroll
        for (int half = 0; half < chunk; half += 32) {
          std::uint32_t raw[32];
          load_columns(raw, tmem + (static_cast<std::uint32_t>(quarter) << 21) + accumulator * pair_n + col + half);
          wait_loads(raw);
          float v[32];
#pragma unroll
          for (int i = 0; i < 32; ++i) v[i] = __uint_as_float(raw[i]);
          finish(v, tile.n * pair_n + col + half);
#pragma unroll
          for (int piece = 0; piece < 4; ++piece) {
            const float* e = v + 8 * piece;
            reinterpret_cast<uint4*>(staging + r * chunk)[(half / 8 + piece) ^ r % 8] =
                make_uint4(pack(e[0], e[1]), pack(e[2], e[3]), pack(e[4], e[5]), pack(e[6], e[7]));
          }
        }
        if (col + chunk == pair_n) {  // nothing of it is left in tensor memory
          fence_before_barrier();
          __syncwarp();
          if (lane == 0) arrive_at(s.free[accumulator], 0);
        }
        fence_async_proxy();
        named_barrier(1, 128);
        if (!leader) continue;
        store_tile(maps.c, tile.m * pair_m + rank * tile_m, tile.n * pair_n + col, staging);
        commit_stores();
      }
    }
    if (leader) wait_stores_read<0>();
  }
  __syncwarp();
  fence_before_barrier();
  cluster_sync();
  if (warp == 2) free_columns<2>(tmem, columns);
}

struct Unchanged {
  __device__ void operator()(float (&)[32], int) const {}
};

// C = finish(A·Bᵀ).
template <int accumulators, class Finish> class Product {
 public:
  explicit Product(const aisp::Setup& setup) : maps_(static_cast<std::size_t>(setup.max_slots())) {
    aisp::allow_shared(product<accumulators, Finish>, shared_bytes<Shared>);
  }
  void bind(aisp::Slot slot, Input a, Input b, Output c) {
    maps_[static_cast<std::size_t>(slot.index)] = make_pair_maps(a, b, c);
  }
  void operator()(aisp::Slot slot, Input a, Output c, Finish finish) const {
    const int count = tiles(c.dim(0), pair_m) * tiles(c.dim(1), pair_n);
    product<accumulators><<<2 * std::min(count, pairs_), threads, shared_bytes<Shared>, aisp::stream(slot)>>>(
        maps_[static_cast<std::size_t>(slot.index)], static_cast<int>(c.dim(0)), static_cast<int>(c.dim(1)),
        static_cast<int>(a.dim(1)), finish);
  }

 private:
  int pairs_ = aisp::multiprocessors() / 2;
  std::vector<Maps> maps_;
};

}  // namespace tcgen05_product
