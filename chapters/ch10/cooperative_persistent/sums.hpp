// What both variants share: sums over a block, and a block's share of the sums over the vector.
#pragma once

#include <aisp/cuda.hpp>

namespace ch10 {

constexpr int kThreads = 512;

// Every thread of the block gets the sum over all threads.
__device__ inline float sum_of_block(float v) {
  __shared__ float of_warp[kThreads / 32];
#pragma unroll
  for (int half = 16; half > 0; half /= 2) v += __shfl_xor_sync(0xffffffffu, v, half);
  __syncthreads();  // the sums of an earlier call have been read
  if (threadIdx.x % 32 == 0) of_warp[threadIdx.x / 32] = v;
  __syncthreads();
  float sum = 0;
#pragma unroll
  for (int w = 0; w < kThreads / 32; ++w) sum += of_warp[w];
  return sum;
}

// The vectors of 16 bytes of x that are this thread's, then the up to three floats behind them: block 0's. Calls
// vector(v, value) and single(i, value).
template <class Vector, class Single>
__device__ inline void for_own(const float* x, std::int64_t n, const Vector& vector, const Single& single) {
  const auto vectors = n / 4, step = std::int64_t{gridDim.x} * kThreads;
#pragma unroll 2
  for (auto v = std::int64_t{blockIdx.x} * kThreads + threadIdx.x; v < vectors; v += step)
    vector(v, reinterpret_cast<const float4*>(x)[v]);
  if (const auto i = 4 * vectors + threadIdx.x; blockIdx.x == 0 && i < n) single(i, x[i]);
}

// Of this block: Σ f(x).
template <class F> __device__ inline float sum_of_share(const float* x, std::int64_t n, const F& f) {
  float sum = 0;
  for_own(
      x, n, [&](std::int64_t, float4 v) { sum += (f(v.x) + f(v.y)) + (f(v.z) + f(v.w)); },
      [&](std::int64_t, float v) { sum += f(v); });
  return sum_of_block(sum);
}
__device__ inline float sum_of_share(const float* x, std::int64_t n) {
  return sum_of_share(x, n, [](float v) { return v; });
}
__device__ inline float squares_of_share(const float* x, std::int64_t n, float mean) {
  return sum_of_share(x, n, [=](float v) { return (v - mean) * (v - mean); });
}

// Σ parts[0 … count − 1], the same in every thread of the block. Another block may have written them in this kernel.
__device__ inline float sum_of_parts(const float* parts, int count) {
  float sum = 0;
  for (int p = threadIdx.x; p < count; p += kThreads) sum += parts[p];
  return sum_of_block(sum);
}

__device__ inline void standardise_share(const float* x, float* y, std::int64_t n, float mean, float inverse) {
  const auto standard = [=](float v) { return (v - mean) * inverse; };
  for_own(
      x, n,
      [&](std::int64_t at, float4 v) {
        reinterpret_cast<float4*>(y)[at] = {standard(v.x), standard(v.y), standard(v.z), standard(v.w)};
      },
      [&](std::int64_t i, float v) { y[i] = standard(v); });
}

}  // namespace ch10
