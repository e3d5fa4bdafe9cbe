// Peer: cuBLASLt with its own epilogue for bias and GELU, the fastest of what its heuristic proposes for this shape.
#include <aisp/cuda/cublaslt.hpp>

namespace {

using bf16 = __nv_bfloat16;
using aisp::cuda::LtProduct;

class CuBlasLt {
 public:
  explicit CuBlasLt(const aisp::Setup& setup)
      : product_(setup.shape("y")[0], setup.shape("y")[1], setup.shape("x")[1], CUDA_R_16BF, CUDA_R_16BF,
                 LtProduct::Epilogue::bias_gelu) {}
  void operator()(aisp::Slot slot, aisp::Matrix<const bf16> x, aisp::Matrix<const bf16> w,
                  aisp::Vector<const bf16> bias, aisp::Matrix<bf16> y) const {
    product_.set_bias(bias.data);
    product_(x.data, w.data, y.data, aisp::stream(slot));
  }

 private:
  LtProduct product_;
};

}  // namespace

AISP_VARIANT(CuBlasLt, .about = "cuBLASLt with its own epilogue");
