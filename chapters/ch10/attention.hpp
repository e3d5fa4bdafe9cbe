// Parts of the attention kernels: tensor maps, the two products of a step, the online softmax between them, the way
// out. A warpgroup has 64 queries and takes 128 keys a step. Accumulators lie in registers as wgmma.hpp says: a thread
// has two rows, h = 0 and 1, eight apart; elements 4j + 2h + e are in columns 8j + 2·(lane % 4) + e.
#pragma once

#include <aisp/cuda/cluster.hpp>
#include <aisp/cuda/math.hpp>
#include <aisp/cuda/shared_storage.hpp>
#include <aisp/cuda/wgmma.hpp>

#include <cmath>
#include <cstdint>
#include <vector>

#include "masks.hpp"

namespace attention {

using namespace aisp::cuda;
using bf16 = __nv_bfloat16;
using Input = aisp::Tensor<const bf16, 3>;
using Output = aisp::Tensor<bf16, 3>;

constexpr int rows = 128;  // keys of a step, and queries of a block unless it says otherwise
constexpr int piece = 64;  // columns that fill 128 bytes: tiles lie in shared memory as `dim / piece` of them

struct Maps {
  CUtensorMap q, k, v, o;
};
inline Maps make_maps(Input q, Input k, Input v, Output o, int queries = rows) {
  const auto map = [&](const bf16* data, int tile_rows) {
    return batched_tensor_map(data, q.dim(0), q.dim(1), q.dim(2), tile_rows, piece, Swizzle::bytes_128);
  };
  return {map(q.data, queries), map(k.data, rows), map(v.data, rows), map(o.data, 64)};
}

// A tile of `count` rows of a head, as many as the map says.
template <int dim, int count = rows>
__device__ inline void load_rows(bf16* shared, const CUtensorMap& map, int head, int row, Barrier& full) {
  arrive_expecting(full, count * dim * sizeof(bf16));
#pragma unroll
  for (int p = 0; p < dim / piece; ++p) load_tile(shared + p * count * piece, map, head, row, p * piece, full);
}

// log₂ e / √dim: exponentials are powers of two.
inline float softmax_scale(int dim) { return 1.44269504f / std::sqrt(static_cast<float>(dim)); }

using Scores = float[rows / 2];
using Weights = std::uint32_t[rows / 16][4];  // scores after the softmax, as wgmma takes them from registers

// scores = 64 queries, of a tile of `queries`, times 128 keys, begun and not awaited.
template <int dim, int queries = rows> __device__ inline void begin_scores(Scores& s, const bf16* q, const bf16* k) {
  hold(s);
  wgmma_fence();
#pragma unroll
  for (int at = 0; at < dim; at += 16) {
    const int p = at / piece * piece, next = at % piece / 16 * kNextK;
    wgmma_bf16<rows>(s, wgmma_tile(q + p * queries) + next, wgmma_tile(k + p * rows) + next, at);
  }
  wgmma_commit();
}

// output (+)= weights times 128 values, begun and not awaited.
template <int dim>
__device__ inline void begin_output(float (&o)[dim / 2], const Weights& weights, const bf16* v, bool accumulate) {
  hold(o);
  wgmma_fence();
#pragma unroll
  for (int at = 0; at < rows / 16; ++at)
    wgmma_bf16_across<dim>(o, weights[at], wgmma_tile_across(v, rows * piece * sizeof(bf16)) + at * kNextRows,
                           accumulate || at);
  wgmma_commit();
}

// Scores of keys that a query does not see become −∞. `row`: this thread's first one, `key`: the step's first. A mask
// that reads something for each key is asked for both rows at once, others row by row.
template <class Mask> __device__ inline void hide(Scores& s, int row, int key, int tokens, const Mask& mask) {
  if constexpr (Mask::reads_keys) {
#pragma unroll
    for (int j = 0; j < rows / 8; ++j)
#pragma unroll
      for (int e = 0; e < 2; ++e) {
        const int at = key + 8 * j + threadIdx.x % 4 * 2 + e;
#pragma unroll
        for (int h = 0; h < 2; ++h)
          if (at >= tokens || !mask(min(row + 8 * h, tokens - 1), at)) s[4 * j + 2 * h + e] = -INFINITY;
      }
  } else {
#pragma unroll
    for (int h = 0; h < 2; ++h) {
      const int i = min(row + 8 * h, tokens - 1);
#pragma unroll
      for (int j = 0; j < rows / 8; ++j)
#pragma unroll
        for (int e = 0; e < 2; ++e) {
          const int at = key + 8 * j + threadIdx.x % 4 * 2 + e;
          if (at >= tokens || !mask(i, at)) s[4 * j + 2 * h + e] = -INFINITY;
        }
    }
  }
}

__device__ inline std::uint32_t pack(float low, float high) {
  const auto pair = __floats2bfloat162_rn(low, high);
  return reinterpret_cast<const std::uint32_t&>(pair);
}

// Online softmax of a thread's two rows (Milakov and Gimelshein, 2018, arXiv:1805.02867). Sums are those of this
// thread's columns until normalize().
struct Softmax {
  float scale;  // softmax_scale(dim)
  float top[2] = {-INFINITY, -INFINITY}, sum[2] = {};
  float down[2] = {};  // by which what was summed before must be multiplied

  // Scores become weights relative to the highest so far.
  __device__ void operator()(Scores& s) {
#pragma unroll
    for (int h = 0; h < 2; ++h) {
      float highest = top[h];
#pragma unroll
      for (int j = 0; j < rows / 8; ++j) highest = fmaxf(highest, fmaxf(s[4 * j + 2 * h], s[4 * j + 2 * h + 1]));
      highest = fmaxf(highest, __shfl_xor_sync(0xffffffffu, highest, 1));
      highest = fmaxf(highest, __shfl_xor_sync(0xffffffffu, highest, 2));
      const float zero = highest == -INFINITY ? 0 : highest * scale;  // a row may have seen no key yet
      down[h] = power_of_two(top[h] * scale - zero);
      top[h] = highest;
      sum[h] *= down[h];
#pragma unroll
      for (int j = 0; j < rows / 8; ++j)
#pragma unroll
        for (int e = 0; e < 2; ++e) {
          float& x = s[4 * j + 2 * h + e];
          x = power_of_two(x * scale - zero);
          sum[h] += x;
        }
    }
  }

  template <int count> __device__ void scale_down(float (&o)[count]) const {
#pragma unroll
    for (int i = 0; i < count; ++i) o[i] *= down[i / 2 % 2];
  }

  template <int count> __device__ void normalize(float (&o)[count]) {
#pragma unroll
    for (int h = 0; h < 2; ++h) {
      sum[h] += __shfl_xor_sync(0xffffffffu, sum[h], 1);
      sum[h] += __shfl_xor_sync(0xffffffffu, sum[h], 2);
      sum[h] = 1 / sum[h];
    }
#pragma unroll
    for (int i = 0; i < count; ++i) o[i] *= sum[i / 2 % 2];
  }
};

__device__ inline void to_weights(Weights& weights, const Scores& s) {
#pragma unroll
  for (int at = 0; at < rows / 16; ++at)
#pragma unroll
    for (int i = 0; i < 4; ++i) weights[at][i] = pack(s[8 * at + 2 * i], s[8 * at + 2 * i + 1]);
}

// 64 rows of output by way of shared memory: `staging` holds dim / piece pieces of 64 × 64, which the copy engine
// stores. All 128 threads of the warpgroup; `barrier` is theirs.
template <int dim>
__device__ void store_rows(const float (&o)[dim / 2], bf16* staging, const CUtensorMap& map, int head, int row,
                           int barrier) {
  const int lane = threadIdx.x % 32, r = threadIdx.x % 128 / 32 * 16 + lane % 16;
  const bool leader = threadIdx.x % 128 == 0;
  if (leader) wait_stores_read<0>();  // what was staged before is on its way
  named_barrier(barrier, 128);
#pragma unroll
  for (int j = 0; j < dim / 8; j += 2) {
    const int at = j + lane / 16;  // which 16 bytes of the row
    store_tiles(staging + at / 8 * 64 * piece + r * piece + (at % 8 ^ r % 8) * 8, pack(o[4 * j], o[4 * j + 1]),
                pack(o[4 * j + 2], o[4 * j + 3]), pack(o[4 * j + 4], o[4 * j + 5]), pack(o[4 * j + 6], o[4 * j + 7]));
  }
  fence_async_proxy();
  named_barrier(barrier, 128);
  if (!leader) return;
  for (int p = 0; p < dim / piece; ++p) store_tile(map, head, row, p * piece, staging + p * 64 * piece);
  commit_stores();
}

}  // namespace attention
