// Work for the arithmetic units, for copy_compute_overlap and priorities: v ← x / (1 + |v|), 64 times from zero.
#pragma once

#include <aisp/cuda.hpp>

namespace ch11 {

constexpr int kIterateThreads = 256, kIterations = 64;

// static: several variants include it.
static __global__ void __launch_bounds__(kIterateThreads) iterate(const float* x, float* y, std::int64_t n) {
  const auto i = std::int64_t{blockIdx.x} * kIterateThreads + threadIdx.x;
  if (i >= n) return;
  const float own = x[i];
  float v = 0;
  for (int step = 0; step < kIterations; ++step) v = own / (1 + fabsf(v));
  y[i] = v;
}

inline void launch_iterate(cudaStream_t stream, const float* x, float* y, std::int64_t n) {
  iterate<<<aisp::blocks(n, kIterateThreads), kIterateThreads, 0, stream>>>(x, y, n);
}

}  // namespace ch11
