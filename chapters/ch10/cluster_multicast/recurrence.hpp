// What both variants share: a block works on one sequence. A producer thread has the weights fetched, eight rows a
// tile, into a ring of twelve stages; of eight warps each takes every eighth tile, multiplies its rows with h, which it
// holds in registers, and writes eight elements of the next h to shared memory. The variants differ in how a tile
// comes.
#pragma once

#include <aisp/cuda.hpp>
#include <aisp/cuda/bulk_copy.hpp>

namespace ch10 {

using Weights = aisp::Tensor<const float, 3>;
using Inputs = aisp::Tensor<const float, 3>;
using Outputs = aisp::Tensor<float, 3>;
using Gain = aisp::Vector<const float>;

constexpr int rows = 8, stages = 12, max_n = 512, warps = 8;
constexpr int lanes = 32 / rows;  // of a warp, that end a row
constexpr int consumers = 32 * warps, threads = consumers + 32;

struct Cells {
  const float *weights, *gain, *x;
  float* y;
  int batch, n, steps;

  __device__ int tiles() const { return (n + rows - 1) / rows; }  // of a step
  __device__ int rows_of(int tile) const { return min(rows, n - tile * rows); }
  __device__ const float* tile(int cell, int tile) const {
    return weights + (std::int64_t{cell} * n + tile * rows) * n;
  }
  __device__ std::int64_t sequence(int cell, int of_cell) const { return (std::int64_t{cell} * batch + of_cell) * n; }
};

inline Cells cells(Weights weights, Gain gain, Inputs x, Outputs y) {
  return {weights.data,
          gain.data,
          x.data,
          y.data,
          static_cast<int>(x.dim(1)),
          static_cast<int>(x.dim(2)),
          static_cast<int>(gain.size())};
}

struct Shared {
  alignas(16) float x[max_n], h[2][max_n];
  aisp::cuda::Barrier full[stages], empty[stages];
};

inline int ring_bytes(std::int64_t n) { return static_cast<int>(sizeof(float) * stages * rows * n); }

// Place in the ring, and the parity of the ring's turn.
struct Place {
  int stage, turn = 0;
  __device__ void advance(int by) {
    if ((stage += by) >= stages) {
      stage -= stages;
      turn ^= 1;
    }
  }
};

// By all threads, before the barrier that makes it visible: h and x of the sequence, and the barriers of each stage,
// which the warps of so many blocks release.
__device__ inline void start(Shared& shared, const float* x, int n, int blocks) {
  for (int i = threadIdx.x; i < n; i += threads) shared.h[0][i] = shared.x[i] = x[i];
  if (threadIdx.x == 0) {
    for (int s = 0; s < stages; ++s) {
      aisp::cuda::init(shared.full[s], 1);
      aisp::cuda::init(shared.empty[s], blocks);
    }
    aisp::cuda::fence_barrier_init();
  }
  __syncwarp();  // a barrier of the cluster wants whole warps
}

// Sums of each of `rows` numbers over the lanes of a warp: lane l returns that of number l / (32 / rows).
__device__ inline float sum_rows(float (&v)[rows]) {
#pragma unroll
  for (int half = 16, count = rows / 2; count > 0; half /= 2, count /= 2) {
    const bool upper = threadIdx.x & half;
#pragma unroll
    for (int i = 0; i < count; ++i) {
      const float keep = upper ? v[i + count] : v[i], give = upper ? v[i] : v[i + count];
      v[i] = keep + __shfl_xor_sync(0xffffffffu, give, half);
    }
  }
#pragma unroll
  for (int half = 16 / rows; half > 0; half /= 2) v[0] += __shfl_xor_sync(0xffffffffu, v[0], half);
  return v[0];
}

// By the consumers: all steps. `release(empty)` is called by all lanes when the warp has read a stage; `y`, or null, is
// where the last h goes.
template <class Release>
__device__ void consume(Shared& shared, const float* ring, const Cells& cells, float* y, const Release& release) {
  const int lane = static_cast<int>(threadIdx.x) % 32, n = cells.n, tiles = cells.tiles();
  int tile = static_cast<int>(threadIdx.x) / 32;
  Place place{tile};
  for (int t = 0; t < cells.steps; ++t) {
    const float* h = shared.h[t % 2];
    float* next = shared.h[(t + 1) % 2];
    const float gain = cells.gain[t];
    float4 held[max_n / 128] = {};
#pragma unroll
    for (int v = 0; v < max_n / 128; ++v)
      if (const int j = 4 * (lane + 32 * v); j < n) held[v] = *reinterpret_cast<const float4*>(h + j);
    for (; tile < tiles; tile += warps, place.advance(warps)) {
      aisp::cuda::wait(shared.full[place.stage], place.turn);
      float sums[rows] = {};
#pragma unroll
      for (int r = 0; r < rows; ++r) {
        const float* row = ring + (place.stage * rows + r) * n;
#pragma unroll
        for (int v = 0; v < max_n / 128; ++v)
          if (const int j = 4 * (lane + 32 * v); j < n && r < cells.rows_of(tile)) {
            const float4 w = *reinterpret_cast<const float4*>(row + j);
            sums[r] += (w.x * held[v].x + w.y * held[v].y) + (w.z * held[v].z + w.w * held[v].w);
          }
      }
      // All lanes have read, which racecheck does not see: it follows only threads that arrive themselves.
      __syncwarp();
      release(shared.empty[place.stage]);
      const float sum = sum_rows(sums);
      const int i = tile * rows + lane / lanes;
      if (lane % lanes == 0 && i < n) {
        const float v = gain * sum + shared.x[i];
        next[i] = v / (1 + fabsf(v));
        if (y && t + 1 == cells.steps) y[i] = next[i];
      }
    }
    tile -= tiles;
    asm volatile("barrier.sync 1, %0;" ::"n"(consumers) : "memory");  // the consumers': the next h is complete
  }
}

}  // namespace ch10
