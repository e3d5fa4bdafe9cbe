// For tests alone: a look at a barrier.
#pragma once

#include <aisp/cuda/mbarrier.hpp>

namespace aisp::test {

// Whether the phase of that parity is over, without waiting for it (PTX ISA, mbarrier.test_wait).
__device__ inline bool over(cuda::Barrier& barrier, int parity) {
  std::uint32_t done;
  asm volatile("{\n.reg .pred p;\nmbarrier.test_wait.parity.shared::cta.b64 p, [%1], %2;\nselp.u32 %0, 1, 0, p;\n}\n"
               : "=r"(done)
               : "r"(cuda::shared_address(&barrier)), "r"(parity)
               : "memory");
  return done != 0;
}

}  // namespace aisp::test
