// What the matrix products share: types, tensor maps for each slot, the order of tiles, the way out of the accumulator.
#pragma once

#include <aisp/cuda/cluster.hpp>
#include <aisp/cuda/shared_storage.hpp>
#include <aisp/cuda/wgmma.hpp>

#include <algorithm>
#include <cstdint>
#include <vector>

namespace gemm {

using bf16 = __nv_bfloat16;
using Input = aisp::Matrix<const bf16>;
using Output = aisp::Matrix<bf16>;

constexpr int tile_m = 128;  // rows of A a block works on
constexpr int tile_k = 64;   // of BF16; a row of a tile is 128 bytes along K

constexpr int tiles(std::int64_t size, int tile) { return static_cast<int>((size + tile - 1) / tile); }

// As few blocks (or clusters of them) as do `count` tiles in the rounds that `most` need: others would only draw power
// in the last round, which the clock of all has to make up for.
constexpr int fewest_blocks(int count, int most) { return tiles(count, tiles(count, most)); }

using aisp::cuda::shared_bytes, aisp::cuda::shared_storage;

struct Maps {
  CUtensorMap a, b, c;
};

// Maps of a slot's matrices, in tiles of tile_m (of A) and b_rows (of B) rows of 128 bytes, and of 64 × 64 elements of
// C.
template <class T> Maps make_maps(aisp::Matrix<const T> a, aisp::Matrix<const T> b, Output c, int b_rows) {
  using aisp::cuda::Swizzle, aisp::cuda::tensor_map;
  constexpr int columns = 128 / sizeof(T);
  return {tensor_map(a.data, a.dim(0), a.dim(1), tile_m, columns, Swizzle::bytes_128),
          tensor_map(b.data, b.dim(0), b.dim(1), b_rows, columns, Swizzle::bytes_128),
          tensor_map(static_cast<const bf16*>(c.data), c.dim(0), c.dim(1), 64, 64, Swizzle::bytes_128)};
}

// Tiles in the order in which they are worked on: eight rows of tiles at a time, column by column, so that those in
// flight together share rows of A and of B in the L2.
struct Tile {
  int m, n;
};
__device__ inline Tile tile_at(int index, int tiles_m, int tiles_n) {
  constexpr int group = 8;
  const int first = index / (group * tiles_n) * group, rows = min(group, tiles_m - first);
  const int within = index - first * tiles_n;
  return {first + within % rows, within / rows};
}

__device__ inline std::uint32_t pack(float low, float high) {
  const auto pair = __floats2bfloat162_rn(low, high);
  return reinterpret_cast<const std::uint32_t&>(pair);
}

// The accumulator of a warpgroup, 64 × N, from registers to C, whose rows and columns may end inside.
template <int N> __device__ void store_accumulator(const float (&d)[N / 2], bf16* c, int row, int col, int m, int n) {
  const int lane = threadIdx.x % 32, first = row + threadIdx.x % 128 / 32 * 16 + lane / 4;
#pragma unroll
  for (int j = 0; j < N / 8; ++j)
#pragma unroll
    for (int h = 0; h < 2; ++h) {
      const int r = first + 8 * h, at = col + 8 * j + lane % 4 * 2;
      if (r < m && at < n)
        *reinterpret_cast<std::uint32_t*>(c + std::int64_t{r} * n + at) = pack(d[4 * j + 2 * h], d[4 * j + 2 * h + 1]);
    }
}

// The same by way of shared memory: `staging` holds 64 × 64 elements a piece, swizzled, which the copy engine stores.
// All 128 threads of the warpgroup; `barrier` is theirs.
template <int N>
__device__ void store_accumulator(const float (&d)[N / 2], bf16* staging, const CUtensorMap& c, int row, int col,
                                  int barrier) {
  using namespace aisp::cuda;
  constexpr int columns = N % 128 == 0 ? 128 : 64;  // at a time
  const int lane = threadIdx.x % 32, r = threadIdx.x % 128 / 32 * 16 + lane % 16;
  const bool leader = threadIdx.x % 128 == 0;
#pragma unroll
  for (int half = 0; half < N; half += columns) {
    if (leader) wait_stores_read<0>();  // what was staged before is on its way
    named_barrier(barrier, 128);
#pragma unroll
    for (int j = 0; j < columns / 8; j += 2) {
      const float* v = d + 4 * (half / 8 + j);
      const int piece = j + lane / 16;  // of 16 bytes, in the row
      store_tiles(staging + piece / 8 * 4096 + r * 64 + (piece % 8 ^ r % 8) * 8, pack(v[0], v[1]), pack(v[2], v[3]),
                  pack(v[4], v[5]), pack(v[6], v[7]));
    }
    fence_async_proxy();
    named_barrier(barrier, 128);
    if (!leader) continue;
    for (int piece = 0; piece < columns / 64; ++piece)
      store_tile(c, row, col + half + 64 * piece, staging + piece * 4096);
    commit_stores();
  }
}

// The barriers of a ring of stages, each of which so many consumers release. By one thread, before the block meets.
template <class Shared> __device__ void init_ring(Shared& s, int consumers) {
  using namespace aisp::cuda;
  for (auto& barrier : s.full) init(barrier, 1);
  for (auto& barrier : s.empty) init(barrier, consumers);
  fence_barrier_init();
}

// Fetches the tiles of A and B into the ring, step by step, of every tile of C that this block has. By one thread.
template <int tile_n, class Shared>
__device__ void fetch_tiles(Shared& s, const Maps& maps, int tiles_m, int tiles_n, int steps) {
  using namespace aisp::cuda;
  constexpr int stages = sizeof s.ring / sizeof s.ring[0], depth = 128 / sizeof s.ring[0].a[0];
  int at = 0;  // steps done, over all tiles
  for (int index = blockIdx.x; index < tiles_m * tiles_n; index += gridDim.x) {
    const auto tile = tile_at(index, tiles_m, tiles_n);
    for (int step = 0; step < steps; ++step, ++at) {
      const int stage = at % stages;
      wait(s.empty[stage], (at / stages & 1) ^ 1);
      arrive_expecting(s.full[stage], sizeof s.ring[stage]);
      load_tile(s.ring[stage].a, maps.a, tile.m * tile_m, step * depth, s.full[stage]);
      load_tile(s.ring[stage].b, maps.b, tile.n * tile_n, step * depth, s.full[stage]);
    }
  }
}

// Holds the second of a block's two consumers back until the first is `lead` steps ahead, where it then stays: while
// one of them stores its tile, the tensor cores work for the other. after_step() is called when a step is begun, with
// the number of steps begun before it; at_end() with the number of all.
struct Lead {
  static constexpr int lead = 2, barrier = 3;
  int consumer;

  __device__ void start() const {
    if (consumer == 1) aisp::cuda::named_barrier(barrier, 256);
  }
  __device__ void after_step(int at) const {
    if (consumer == 0 && at + 1 == lead) aisp::cuda::arrive_at_named_barrier(barrier, 256);
  }
  __device__ void at_end(int count) const {
    if (consumer == 0 && count < lead) aisp::cuda::arrive_at_named_barrier(barrier, 256);
  }
};

// The variant of a kernel(maps, m, n, k) whose blocks, one a multiprocessor, take tiles of tile_m × tile_n in turns.
template <auto kernel, class T, class Shared, int tile_n, int threads> class PersistentProduct {
 public:
  explicit PersistentProduct(const aisp::Setup& setup) : maps_(static_cast<std::size_t>(setup.max_slots())) {
    aisp::allow_shared(kernel, shared_bytes<Shared>);
  }
  void bind(aisp::Slot slot, aisp::Matrix<const T> a, aisp::Matrix<const T> b, Output c) {
    maps_[static_cast<std::size_t>(slot.index)] = make_maps(a, b, c, tile_n);
  }
  void operator()(aisp::Slot slot, aisp::Matrix<const T> a, aisp::Matrix<const T>, Output c) const {
    const int count = tiles(c.dim(0), tile_m) * tiles(c.dim(1), tile_n);
    aisp::launch({.stream = aisp::stream(slot),
                  .grid = fewest_blocks(count, blocks_),
                  .threads = threads,
                  .shared = shared_bytes<Shared>},
                 kernel, maps_[static_cast<std::size_t>(slot.index)], static_cast<int>(c.dim(0)),
                 static_cast<int>(c.dim(1)), static_cast<int>(a.dim(1)));
  }

 private:
  int blocks_ = aisp::multiprocessors();
  std::vector<Maps> maps_;
};

}  // namespace gemm
