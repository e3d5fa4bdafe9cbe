// What both variants share: a block works on one sequence. A producer thread has the weights fetched, sixteen rows a
// tile, into a ring of three stages; sixteen warps each take a row of a tile, multiply it with h, which they hold in
// registers, and write one element of the next h to shared memory. The variants differ in how a tile comes.
#pragma once

#include <aisp/cuda.hpp>
#include <aisp/cuda/bulk_copy.hpp>

namespace ch10 {

constexpr int kRows = 16, kStages = 3, kMaxN = 512;
constexpr int kConsumers = 32 * kRows, kNetThreads = kConsumers + 32;

struct Net {
  const float *weights, *gain, *x;
  float* y;
  int batch, n, steps;

  __device__ int tiles() const { return (n + kRows - 1) / kRows; }  // of a step
  __device__ int rows_of(int tile) const { return min(kRows, n - tile * kRows); }
  __device__ std::uint32_t row_bytes() const { return static_cast<std::uint32_t>(n) * sizeof(float); }
};

struct Shared {
  alignas(16) float x[kMaxN], h[2][kMaxN];
  aisp::cuda::Barrier full[kStages], empty[kStages], everywhere;
};

// Place in the ring, and the parity of the ring's turn.
struct Place {
  int stage = 0, turn = 0;
  __device__ void advance() {
    if (++stage == kStages) {
      stage = 0;
      turn ^= 1;
    }
  }
};

// By all threads, before the barrier that makes it visible: h and x of this sequence, and the barriers of each stage.
// `empty` is released by the warps of this block, `everywhere` by each of the `blocks` that share their fetches.
__device__ inline void start(Shared& shared, const Net& net, int sequence, int blocks = 1) {
  for (int i = threadIdx.x; i < net.n; i += static_cast<int>(blockDim.x)) {
    shared.h[0][i] = shared.x[i] = net.x[std::int64_t{sequence} * net.n + i];
  }
  if (threadIdx.x == 0) {
    for (int s = 0; s < kStages; ++s) {
      aisp::cuda::init(shared.full[s], 1);
      aisp::cuda::init(shared.empty[s], kRows);
    }
    aisp::cuda::init(shared.everywhere, blocks);
    aisp::cuda::fence_barrier_init();
  }
  __syncwarp();  // a barrier of the cluster wants whole warps
}

// By the consumers: all steps.
__device__ inline void consume(Shared& shared, const float* ring, const Net& net, int sequence, bool write) {
  const int warp = static_cast<int>(threadIdx.x) / 32, lane = static_cast<int>(threadIdx.x) % 32;
  Place place;
  for (int t = 0; t < net.steps; ++t) {
    const float* h = shared.h[t % 2];
    const float gain = net.gain[t];
    float* next = shared.h[(t + 1) % 2];
    float4 held[kMaxN / 128];
#pragma unroll
    for (int v = 0; v < kMaxN / 128; ++v)
      if (const int j = 4 * (lane + 32 * v); j < net.n) held[v] = *reinterpret_cast<const float4*>(h + j);
    for (int tile = 0; tile < net.tiles(); ++tile, place.advance()) {
      aisp::cuda::wait(shared.full[place.stage], place.turn);
      const int i = tile * kRows + warp;
      float sum = 0;
      if (i < net.n) {
        const float* row = ring + (place.stage * kRows + warp) * net.n;
#pragma unroll
        for (int v = 0; v < kMaxN / 128; ++v)
          if (const int j = 4 * (lane + 32 * v); j < net.n) {
            const float4 w = *reinterpret_cast<const float4*>(row + j);
            sum += (w.x * held[v].x + w.y * held[v].y) + (w.z * held[v].z + w.w * held[v].w);
          }
      }
      __syncwarp();  // all lanes have read
      if (lane == 0) aisp::cuda::arrive(shared.empty[place.stage]);
#pragma unroll
      for (int half = 16; half > 0; half /= 2) sum += __shfl_xor_sync(0xffffffffu, sum, half);
      if (lane == 0 && i < net.n) {
        const float v = gain * sum + shared.x[i], out = v / (1 + fabsf(v));
        next[i] = out;
        if (write && t + 1 == net.steps) net.y[std::int64_t{sequence} * net.n + i] = out;
      }
    }
    asm volatile("barrier.sync 1, %0;" ::"n"(kConsumers) : "memory");  // the consumers': the next h is complete
  }
}

inline Net net(aisp::Matrix<const float> weights, aisp::Vector<const float> gain, aisp::Matrix<const float> x,
               aisp::Matrix<float> y) {
  return {weights.data,
          gain.data,
          x.data,
          y.data,
          static_cast<int>(x.dim(0)),
          static_cast<int>(x.dim(1)),
          static_cast<int>(gain.size())};
}

inline std::size_t ring_bytes(std::int64_t n) { return sizeof(float) * static_cast<std::size_t>(kStages * kRows * n); }

}  // namespace ch10
