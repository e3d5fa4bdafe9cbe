// What the variants share: passes over the vector, each of which takes every element the same number of steps further.
// A step is two multiply-adds, 4 FLOPs, and a pass moves 8 bytes an element: steps / 2 FLOPs per byte.
#pragma once

#include <aisp/cuda.hpp>

namespace ch08 {

constexpr int walk_steps = 256, walk_threads = 256;

__device__ inline float step(float v) { return fmaf(1.0f / 128, fmaf(-v, v, v), v); }
__device__ inline float4 step(float4 v) { return {step(v.x), step(v.y), step(v.z), step(v.w)}; }
// Four elements take a step together, so that no multiply-add waits for the one before it.
template <int steps, class T> __device__ T walk(T v) {
#pragma unroll 16
  for (int s = 0; s < steps; ++s) v = step(v);
  return v;
}

// x and y may be the same.
template <int steps> __global__ void __launch_bounds__(walk_threads) pass(const float* x, float* y, std::int64_t n) {
  const auto i = std::int64_t{blockIdx.x} * walk_threads + threadIdx.x, vectors = n / 4;
  if (i < vectors) {
    reinterpret_cast<float4*>(y)[i] = walk<steps>(reinterpret_cast<const float4*>(x)[i]);
  } else if (const auto rest = 3 * vectors + i; rest < n) {  // 4 * vectors + (i - vectors): up to three floats
    y[rest] = walk<steps>(x[rest]);
  }
}

template <int steps> void walk_in_passes(aisp::Slot slot, aisp::Vector<const float> x, aisp::Vector<float> y) {
  static_assert(walk_steps % steps == 0);
  const auto blocks = aisp::blocks(y.size() / 4 + 3, walk_threads);
  for (int done = 0; done < walk_steps; done += steps)
    pass<steps><<<blocks, walk_threads, 0, aisp::stream(slot)>>>(done ? y.data : x.data, y.data, y.size());
}

}  // namespace ch08
