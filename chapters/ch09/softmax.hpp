// What the CUDA softmax kernels of this chapter share: sums of powers of two against a running maximum.
#pragma once

#include <cfloat>

#include "rows.hpp"

namespace ch09 {

constexpr float kLog2e = 0x1.715476p+0f;

// 2^t, within 2^-22 of it (relative); results below 2^-126 are zero (PTX ISA, ex2).
__device__ inline float exp2_approx(float t) {
  float power;
  asm("ex2.approx.ftz.f32 %0, %1;" : "=f"(power) : "f"(t));
  return power;
}

// The words that Layout::load takes for elements past the end: minus infinity, which adds nothing.
template <class T> constexpr std::uint32_t minus_infinity = sizeof(T) == 4 ? 0xff800000u : 0xff80ff80u;

// Σ e^x of some x as sum · 2^shift, shift = the largest x · log2 e as it was rounded. Of none: the lowest float and 0,
// which merge with anything without a NaN.
struct PowerSum {
  float shift = -FLT_MAX, sum = 0;
};
__device__ inline float shift_of(float top) { return fmaxf(top * kLog2e, -FLT_MAX); }
// e^x / 2^shift: x · log2 e − shift is one instruction that rounds once, so shift's own rounding cancels in the end.
__device__ inline float power(float x, float shift) { return exp2_approx(fmaf(x, kLog2e, -shift)); }

__device__ inline PowerSum merge(PowerSum a, PowerSum b) {
  const float shift = fmaxf(a.shift, b.shift);
  return {shift, a.sum * exp2_approx(a.shift - shift) + b.sum * exp2_approx(b.shift - shift)};
}
template <int lanes> __device__ PowerSum merge_lanes(PowerSum s) {
#pragma unroll
  for (int half = lanes / 2; half > 0; half /= 2)
    s = merge(s, {__shfl_xor_sync(0xffffffffu, s.shift, half), __shfl_xor_sync(0xffffffffu, s.sum, half)});
  return s;
}
// Over a block, for all its threads: as fold() in rows.hpp, maximum and sum together, so that one barrier does for
// both.
template <int warps> __device__ PowerSum merge_block(PowerSum s, PowerSum (&partial)[warps]) {
  s = merge_lanes<32>(s);
  if (threadIdx.x % 32 == 0) partial[threadIdx.x / 32] = s;
  __syncthreads();
  return merge_lanes<warps>(partial[threadIdx.x % warps]);
}

}  // namespace ch09
