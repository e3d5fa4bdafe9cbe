// Baseline: all products on one stream. They have nothing to do with each other, but a stream is an order: sixteen
// blocks at a time, on a machine with room for 264 of them. What binds it: the latency of one product, batch times.
#include "product.hpp"

namespace {

void run(aisp::Slot slot, aisp::Tensor<const float, 3> a, aisp::Tensor<const float, 3> b, aisp::Tensor<float, 3> c) {
  for (std::int64_t i = 0; i < c.dim(0); ++i) ch11::launch_product(aisp::stream(slot), i, a, b, c);
}

}  // namespace

AISP_VARIANT(run, .about = "all products on one stream");
