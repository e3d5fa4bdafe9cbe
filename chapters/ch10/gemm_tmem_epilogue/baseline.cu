// Baseline: bias and activation fused into a product for any GPU since Ampere, on the way from registers to memory.
// What binds it: the warps that multiply are those that activate, and no tensor core works for them meanwhile.
#include "../../ch09/gemm_epilogue/gelu.hpp"
#include "../../ch09/wmma_product.hpp"

namespace {

using bf16 = __nv_bfloat16;

struct BiasGelu {
  const bf16* bias;
  __device__ float operator()(float v, int col) const { return ch09::gelu(v + __bfloat162float(bias[col])); }
};

void run(aisp::Slot slot, aisp::Matrix<const bf16> x, aisp::Matrix<const bf16> w, aisp::Vector<const bf16> bias,
         aisp::Matrix<bf16> y) {
  wmma_product::multiply(x.data, w.data, y.data, y.dim(0), y.dim(1), x.dim(1), aisp::stream(slot), BiasGelu{bias.data});
}

}  // namespace

AISP_VARIANT(run, .about = "wmma, bias and GELU on the way out");
