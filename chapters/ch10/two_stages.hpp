// The product with two stages, for pipeline_2stage and as the start of pipeline_3stage: one is filled while the other
// is computed.
#pragma once

#include "product.hpp"

namespace ch10 {

static __global__ void __launch_bounds__(kProductThreads) multiply_two_stages(Product p) {
  extern __shared__ __align__(16) Stage stages[];
  Accumulator c;
  start_step(stages[0], p, 0);
  int current = 0;
  for (int p0 = 0; p0 < p.k; p0 += kDepth, current ^= 1) {
    start_step(stages[current ^ 1], p, p0 + kDepth);
    aisp::cuda::wait_copies<1>();  // this step's, not the next one's
    __syncthreads();
    c.add_step(stages[current]);
    __syncthreads();  // before the stage is filled again
  }
  c.store(p);
}

class TwoStages {
 public:
  explicit TwoStages(const aisp::Setup&) { allow_stages(multiply_two_stages, 2); }
  void operator()(aisp::Slot slot, aisp::Matrix<const float> a, aisp::Matrix<const float> b,
                  aisp::Matrix<float> c) const {
    launch_product(multiply_two_stages, 2, slot, a, b, c);
  }
};

}  // namespace ch10
