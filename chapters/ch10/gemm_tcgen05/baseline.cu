// Baseline: tensor cores as every GPU since Ampere has them, a warp at a time with its operands in registers. What
// binds it: issuing loads, copies to shared memory and products from the same warps, which wait for each other.
#include "../../ch09/wmma_product.hpp"

namespace {

void run(aisp::Slot slot, aisp::Matrix<const __nv_bfloat16> a, aisp::Matrix<const __nv_bfloat16> b,
         aisp::Matrix<__nv_bfloat16> c) {
  wmma_product::multiply(a.data, b.data, c.data, c.dim(0), c.dim(1), a.dim(1), aisp::stream(slot));
}

}  // namespace

AISP_VARIANT(run, .about = "wmma on 128 × 128 tiles");
