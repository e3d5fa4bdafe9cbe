// Strided-batched: all products in one launch; the matrices lie at equal distances, so a block computes its addresses
// from its index and no array of pointers exists. Expected: as `batched` or a little better.
// What binds it: arithmetic and the traffic of shared memory.
#include "../product.hpp"

namespace {

__global__ void __launch_bounds__(ch01::threads)
    product(std::int64_t m, std::int64_t n, std::int64_t k, const float* __restrict__ a, const float* __restrict__ b,
            float* __restrict__ c) {
  const auto i = std::int64_t{blockIdx.z};
  ch01::product(m, n, k, a + i * m * k, b + i * k * n, c + i * m * n, ch01::Plain{});
}

void run(aisp::Slot slot, aisp::Tensor<const float, 3> a, aisp::Tensor<const float, 3> b, aisp::Tensor<float, 3> c) {
  const auto m = c.dim(1), n = c.dim(2), k = a.dim(2);
  product<<<ch01::tiles(m, n, c.dim(0)), ch01::threads, 0, aisp::stream(slot)>>>(m, n, k, a.data, b.data, c.data);
}

}  // namespace

AISP_VARIANT(run, .about = "one launch, matrices at equal distances");
