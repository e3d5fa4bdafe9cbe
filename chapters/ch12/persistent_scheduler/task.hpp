// What the variants share: one task, done by a block.
#pragma once

#include <aisp/cuda.hpp>

namespace ch12 {

constexpr int kTaskThreads = 256;

// A program and what it works on.
struct Program {
  const std::int32_t* kind = nullptr;
  const std::int32_t* back = nullptr;
  const float* x = nullptr;  // [tasks, length]
  float* y = nullptr;        // [tasks, length]
  int tasks = 0;
  std::int64_t length = 0;
};

inline Program program(aisp::Vector<const std::int32_t> kind, aisp::Vector<const std::int32_t> back,
                       aisp::Matrix<const float> x, aisp::Matrix<float> y) {
  return {kind.data, back.data, x.data, y.data, static_cast<int>(x.dim(0)), x.dim(1)};
}

// Every thread of the block gets the sum over all threads.
__device__ inline float sum_of_block(float v) {
  __shared__ float of_warp[kTaskThreads / 32];
#pragma unroll
  for (int half = 16; half > 0; half /= 2) v += __shfl_xor_sync(0xffffffffu, v, half);
  __syncthreads();  // the sums of an earlier call have been read
  if (threadIdx.x % 32 == 0) of_warp[threadIdx.x / 32] = v;
  __syncthreads();
  float sum = 0;
#pragma unroll
  for (int w = 0; w < kTaskThreads / 32; ++w) sum += of_warp[w];
  return sum;
}

// Rows of y may have been written by other blocks of the same kernel, so no access to them may be cached as constant.
__device__ inline void execute(const Program& p, int t) {
  const int kind = p.kind[t], from = t - p.back[t];
  const float* x = p.x + t * p.length;
  const float* before = from >= 0 ? p.y + from * p.length : nullptr;
  float* y = p.y + t * p.length;
  float factor = 0.5f;
  if (kind == 2) {  // of the task, so the same for all threads
    float squares = 0;
    for (std::int64_t i = threadIdx.x; i < p.length; i += kTaskThreads) {
      const float v = x[i] + (before ? before[i] : 0.0f);
      squares += v * v;
    }
    factor = rsqrtf(sum_of_block(squares) / static_cast<float>(p.length) + 1e-6f);
  }
  for (std::int64_t i = threadIdx.x; i < p.length; i += kTaskThreads) {
    const float v = x[i] + (before ? before[i] : 0.0f);
    y[i] = kind == 1 ? v / (1 + fabsf(v)) : factor * v;
  }
}

static __global__ void __launch_bounds__(kTaskThreads) run_task(Program p, int t) { execute(p, t); }

}  // namespace ch12
