// Three stages: loads run two steps ahead, and one barrier a step is enough. Whoever has passed it knows that all have
// finished the step before, so that step's stage, and none that is still read, is the one to fill now. Expected: 1.02
// to 1.1 times the baseline. What binds it: loads from shared memory and multiply-adds.
#include "../product.hpp"

namespace {

using namespace ch10;

constexpr int stages = 3;

__global__ void __launch_bounds__(kProductThreads) multiply(Product p) {
  extern __shared__ __align__(16) Stage ring[];
  Accumulator c;
  start_step(ring[0], p, 0);
  start_step(ring[1], p, kDepth);
  int current = 0, filled = 2;  // `filled`: the stage to be filled next
  for (int p0 = 0; p0 < p.k; p0 += kDepth) {
    aisp::cuda::wait_copies<1>();  // this step's have come, the next one's may be under way
    __syncthreads();
    start_step(ring[filled], p, p0 + 2 * kDepth);
    c.add_step(ring[current]);
    current = current + 1 == stages ? 0 : current + 1;
    filled = filled + 1 == stages ? 0 : filled + 1;
  }
  c.store(p);
}

class ThreeStages {
 public:
  explicit ThreeStages(const aisp::Setup&) { allow_stages(multiply, stages); }
  void operator()(aisp::Slot slot, aisp::Matrix<const float> a, aisp::Matrix<const float> b,
                  aisp::Matrix<float> c) const {
    launch_product(multiply, stages, slot, a, b, c);
  }
};

}  // namespace

AISP_VARIANT(ThreeStages, .about = "three stages, one barrier a step");
