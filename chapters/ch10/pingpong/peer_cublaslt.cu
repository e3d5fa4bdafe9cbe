// Peer: cuBLASLt, the fastest of what its heuristic proposes for this shape.
#include <aisp/cuda/cublaslt.hpp>

namespace {

class CuBlasLt {
 public:
  explicit CuBlasLt(const aisp::Setup& setup)
      : product_(setup.shape("c")[0], setup.shape("c")[1], setup.shape("a")[1], CUDA_R_16BF, CUDA_R_16BF) {}
  void operator()(aisp::Slot slot, aisp::Matrix<const __nv_bfloat16> a, aisp::Matrix<const __nv_bfloat16> b,
                  aisp::Matrix<__nv_bfloat16> c) const {
    product_(a.data, b.data, c.data, aisp::stream(slot));
  }

 private:
  aisp::cuda::LtProduct product_;
};

}  // namespace

AISP_VARIANT(CuBlasLt, .about = "cuBLASLt, best of its heuristic");
