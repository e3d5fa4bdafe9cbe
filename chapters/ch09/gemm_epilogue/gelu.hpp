// The activation, tanh form, written with one exponential: ½·x·(1 + tanh(u)) = x / (1 + exp(−2u)).
#pragma once

#include <aisp/tensor.hpp>

#include <cmath>

namespace ch09 {

AISP_HD inline double gelu(double x) { return x / (1 + exp(-1.5957691216057308 * (x + 0.044715 * x * x * x))); }

// The magnitude that rounding errors of the layer are made of, for its two references: one rounding of the sum to BF16,
// by at most a unit where a tolerance of 12 allows three, and those of a sum of up to 2¹² terms in FP32.
AISP_HD inline double linear_scale(double sum, double magnitude) { return 0.25 * fabs(sum) + 0x1p-12 * magnitude; }

#if defined(__CUDACC__)
// One exponential and one reciprocal of the special function units, no branch. A divisor beyond 2^126 gives zero.
__device__ inline float gelu(float x) {
  return __fdividef(x, 1 + __expf(-1.5957691216057308f * (x + 0.044715f * x * x * x)));
}
#endif

}  // namespace ch09
