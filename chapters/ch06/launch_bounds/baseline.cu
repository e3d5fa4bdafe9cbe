// Baseline: full occupancy at any price. __launch_bounds__(1024, 2) asks for 2048 threads a multiprocessor, which
// leaves 32 registers to each; the transform holds 64 values. The compiler keeps half of them in local memory and moves
// them in and out between the stages (see the spills in ptxas's report). What binds it: the traffic of the spills.
#include "hadamard.hpp"

namespace {

constexpr int threads = 1024;

__global__ void __launch_bounds__(threads, 2)
    transform(const float* __restrict__ x, float* __restrict__ y, std::int64_t n) {
  hadamard::transform_column(x, y, n);
}

void run(aisp::Slot slot, aisp::Matrix<const float> x, aisp::Matrix<float> y) {
  transform<<<aisp::blocks(x.dim(1), threads), threads, 0, aisp::stream(slot)>>>(x.data, y.data, x.dim(1));
}

}  // namespace

AISP_VARIANT(run, .about = "bounds for full occupancy: 32 registers, spills");
