// What both variants share: the two kernels, and their launches.
#pragma once

#include <aisp/cuda.hpp>

namespace ch11 {

constexpr int kNormaliseThreads = 256;

static __global__ void __launch_bounds__(kNormaliseThreads)
    square(const float* __restrict__ x, float* __restrict__ squares, std::int64_t n) {
  const auto i = std::int64_t{blockIdx.x} * kNormaliseThreads + threadIdx.x;
  if (i < n) squares[i] = x[i] * x[i];
}

static __global__ void __launch_bounds__(kNormaliseThreads)
    normalise(const float* __restrict__ x, const float* __restrict__ squares, float* __restrict__ y, std::int64_t n) {
  const auto i = std::int64_t{blockIdx.x} * kNormaliseThreads + threadIdx.x;
  if (i >= n) return;
  float sum = 0;
#pragma unroll
  for (int d = -4; d <= 4; ++d)
    if (i + d >= 0 && i + d < n) sum += squares[i + d];
  y[i] = x[i] / sqrtf(sum / 9 + 0.01f);
}

inline void launch_normalise(cudaStream_t stream, aisp::Vector<const float> x, float* squares, aisp::Vector<float> y) {
  const auto blocks = aisp::blocks(y.size(), kNormaliseThreads);
  square<<<blocks, kNormaliseThreads, 0, stream>>>(x.data, squares, y.size());
  normalise<<<blocks, kNormaliseThreads, 0, stream>>>(x.data, squares, y.data, y.size());
}

}  // namespace ch11
