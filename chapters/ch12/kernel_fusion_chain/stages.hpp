// What the variants share: stages first … last − 1 applied to every element, four elements a thread.
#pragma once

#include <aisp/cuda.hpp>

namespace ch12 {

constexpr int kStageThreads = 256;

__device__ inline float stage(float v, float scale, float shift) {
  v = scale * v + shift;
  return v / (1 + fabsf(v));
}

// x and y may be the same; both aligned to 16 bytes. static: several variants include it.
static __global__ void __launch_bounds__(kStageThreads)
    apply(const float* x, const float* __restrict__ scale, const float* __restrict__ shift, float* y, std::int64_t n,
          int first, int last) {
  const auto i = 4 * (std::int64_t{blockIdx.x} * kStageThreads + threadIdx.x);
  if (i + 4 <= n) {
    float4 v = *reinterpret_cast<const float4*>(x + i);
    for (int s = first; s < last; ++s) {
      const float a = scale[s], b = shift[s];
      v = {stage(v.x, a, b), stage(v.y, a, b), stage(v.z, a, b), stage(v.w, a, b)};
    }
    *reinterpret_cast<float4*>(y + i) = v;
  } else {
    for (auto j = i; j < n; ++j) {
      float v = x[j];
      for (int s = first; s < last; ++s) v = stage(v, scale[s], shift[s]);
      y[j] = v;
    }
  }
}

inline void launch_stages(cudaStream_t stream, aisp::Vector<const float> x, aisp::Vector<const float> scale,
                          aisp::Vector<const float> shift, aisp::Vector<float> y, int first, int last) {
  const float* from = first == 0 ? x.data : y.data;
  apply<<<aisp::blocks(y.size(), 4 * kStageThreads), kStageThreads, 0, stream>>>(from, scale.data, shift.data, y.data,
                                                                                 y.size(), first, last);
}

}  // namespace ch12
