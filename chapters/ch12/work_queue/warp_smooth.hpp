// The work of one task on CUDA, the same in every variant: the last state of sequence t, by the 32 lanes of a warp.
// The recurrence is linear, so an element at distance d from the end counts (63/64)^d. A lane walks over the elements
// whose distance is its own number modulo 32, neighbours in memory for neighbouring lanes, and decays by (63/64)^32 a
// step; in the end lane l's state counts (63/64)^l.
#pragma once

#include <aisp/cuda.hpp>

namespace ch12 {

constexpr int kWarps = 8, kThreads = 32 * kWarps, kBlocksPerMultiprocessor = 4;

// Writes y[t]. All lanes of the warp call it with the same t.
__device__ inline void smooth_by_warp(const float* __restrict__ values, const std::int32_t* __restrict__ offsets,
                                      float* __restrict__ y, std::int64_t t) {
  constexpr float decay = 63.0f / 64, decay2 = decay * decay, decay4 = decay2 * decay2, decay8 = decay4 * decay4;
  constexpr float decay16 = decay8 * decay8, decay32 = decay16 * decay16;
  const int lane = threadIdx.x % 32, first = offsets[t], last = offsets[t + 1];
  float state = 0;
  const int mine = (last - first - lane + 31) / 32;  // elements of this lane; none when 0 or less
  const float* next = values + last - 1 - lane - std::int64_t{32} * (mine - 1);
#pragma unroll 4
  for (int k = 0; k < mine; ++k) state = decay32 * state + next[32 * k];

  constexpr float powers[] = {decay, decay2, decay4, decay8, decay16};
#pragma unroll
  for (int bit = 0; bit < 5; ++bit)
    if (lane >> bit & 1) state *= powers[bit];
#pragma unroll
  for (int half = 16; half > 0; half /= 2) state += __shfl_xor_sync(0xffffffffu, state, half);
  if (lane == 0) y[t] = state;
}

}  // namespace ch12
