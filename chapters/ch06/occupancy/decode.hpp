// What both variants share: the kernel, written for any block size.
#pragma once

#include <aisp/cuda.hpp>

namespace decode {

static __global__ void __launch_bounds__(1024)  // static: both variants include it
    decode(const float* __restrict__ book, std::int64_t entries, const std::int32_t* __restrict__ code,
           float* __restrict__ y, std::int64_t n) {
  extern __shared__ float copy[];
  for (std::int64_t e = threadIdx.x; e < entries; e += blockDim.x) copy[e] = book[e];
  __syncthreads();
  const auto step = std::int64_t{gridDim.x} * blockDim.x;
#pragma unroll 1  // one element under way a thread: only more threads hide its latency
  for (auto i = std::int64_t{blockIdx.x} * blockDim.x + threadIdx.x; i < n; i += step) y[i] = copy[code[i]];
}

inline int shared_bytes(std::int64_t entries) { return static_cast<int>(entries * static_cast<int>(sizeof(float))); }

}  // namespace decode
