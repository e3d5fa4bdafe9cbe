// Functions of the special function unit, by their PTX names.
#pragma once

namespace aisp::cuda {

// 2^x to about 2^-22, subnormal results as zero (PTX ISA, ex2.approx.ftz).
__device__ inline float power_of_two(float x) {
  float y;
  asm("ex2.approx.ftz.f32 %0, %1;" : "=f"(y) : "f"(x));
  return y;
}

}  // namespace aisp::cuda
