// Baseline: FP32 throughout, on the ordinary multiply-add units: tiles of 64 x 64 through shared memory, 4 x 4 elements
// of C a thread. What binds it: the FP32 units, and the loads from shared memory that feed them.
#include "../product.hpp"

namespace {

__global__ void __launch_bounds__(ch01::threads)
    product(std::int64_t m, std::int64_t n, std::int64_t k, const float* __restrict__ a, const float* __restrict__ b,
            float* __restrict__ c) {
  ch01::product(m, n, k, a, b, c, ch01::Plain{});
}

void run(aisp::Slot slot, aisp::Matrix<const float> a, aisp::Matrix<const float> b, aisp::Matrix<float> c) {
  const auto m = c.dim(0), n = c.dim(1), k = a.dim(1);
  product<<<ch01::tiles(m, n), ch01::threads, 0, aisp::stream(slot)>>>(m, n, k, a.data, b.data, c.data);
}

}  // namespace

AISP_VARIANT(run, .about = "FP32");
