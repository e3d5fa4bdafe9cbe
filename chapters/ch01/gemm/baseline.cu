// Baseline: one launch per product. A product of 256 x 256 is 16 tiles, so 16 blocks run on a machine with more than a
// hundred multiprocessors, and the next product waits until the last of them is done.
// What binds it: launches, and a machine that is mostly empty.
#include "../product.hpp"

namespace {

__global__ void __launch_bounds__(ch01::threads)
    product(std::int64_t m, std::int64_t n, std::int64_t k, const float* __restrict__ a, const float* __restrict__ b,
            float* __restrict__ c) {
  ch01::product(m, n, k, a, b, c, ch01::Plain{});
}

void run(aisp::Slot slot, aisp::Tensor<const float, 3> a, aisp::Tensor<const float, 3> b, aisp::Tensor<float, 3> c) {
  const auto m = c.dim(1), n = c.dim(2), k = a.dim(2);
  for (std::int64_t i = 0; i < c.dim(0); ++i)
    product<<<ch01::tiles(m, n), ch01::threads, 0, aisp::stream(slot)>>>(m, n, k, a.data + i * m * k,
                                                                         b.data + i * k * n, c.data + i * m * n);
}

}  // namespace

AISP_VARIANT(run, .about = "one launch per product");
