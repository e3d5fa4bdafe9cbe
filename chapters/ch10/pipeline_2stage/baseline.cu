// Baseline: one stage. A block loads a step's operands through registers, waits for all of them, computes, waits for
// all of its threads, and goes on. While it loads it computes nothing, and the registers leave no room for another
// block to fill the gap. What binds it: the latency of the second cache level, once a step.
#include "../product.hpp"

namespace {

using namespace ch10;

__global__ void __launch_bounds__(kProductThreads) multiply(Product p) {
  extern __shared__ __align__(16) Stage stages[];
  Accumulator c;
  for (int p0 = 0; p0 < p.k; p0 += kDepth) {
    load_step(stages[0], p, p0);
    __syncthreads();
    c.add_step(stages[0]);
    __syncthreads();  // before the stage is overwritten
  }
  c.store(p);
}

void run(aisp::Slot slot, aisp::Matrix<const float> a, aisp::Matrix<const float> b, aisp::Matrix<float> c) {
  launch_product(multiply, 1, slot, a, b, c);
}

}  // namespace

AISP_VARIANT(run, .about = "load a step, wait, compute, wait");
