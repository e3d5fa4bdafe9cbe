// Diffusion along a rod, for graph_replay and graph_update: a sweep moves a share of every element to its neighbours.
// Every sweep needs all of the one before, so a call is a chain of small kernels.
#pragma once

#include <aisp/cuda.hpp>

namespace ch12 {

constexpr int kSweepThreads = 256;

// v = u + rate·(left − 2u + right); what lies outside equals the element at the end. static: several variants include
// it.
static __global__ void __launch_bounds__(kSweepThreads)
    sweep(const float* u, const float* rate, float* v, std::int64_t n) {
  const auto i = std::int64_t{blockIdx.x} * kSweepThreads + threadIdx.x;
  if (i >= n) return;
  const float share = *rate, left = u[i > 0 ? i - 1 : 0], right = u[i + 1 < n ? i + 1 : n - 1];
  v[i] = (1 - 2 * share) * u[i] + share * (left + right);
}

// One sweep for each rate, from x to y by way of two buffers of n elements: only the first sweep knows x, and only the
// last knows y.
inline void launch_sweeps(cudaStream_t stream, aisp::Vector<const float> x, aisp::Vector<const float> rates,
                          aisp::Vector<float> y, float* scratch) {
  const auto n = y.size(), sweeps = rates.size();
  const float* from = x.data;
  for (std::int64_t s = 0; s < sweeps; ++s) {
    float* to = s + 1 == sweeps ? y.data : scratch + s % 2 * n;
    sweep<<<aisp::blocks(n, kSweepThreads), kSweepThreads, 0, stream>>>(from, rates.data + s, to, n);
    from = to;
  }
}

}  // namespace ch12
