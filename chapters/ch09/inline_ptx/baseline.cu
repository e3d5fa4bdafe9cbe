// Baseline: plain C++. Four bytes arrive in a register; each is taken out, extended to 32 bits and multiplied. What
// binds it: the instructions, eleven or so for four products.
#include "inner_products.hpp"

namespace {

struct Plain {
  __device__ void operator()(int& sum, int a, int b) const {
#pragma unroll
    for (int shift = 0; shift < 32; shift += 8)
      sum += static_cast<signed char>(a >> shift) * static_cast<signed char>(b >> shift);
  }
};

}  // namespace

AISP_VARIANT(ch09::run<Plain>, .about = "bytes taken out one by one");
