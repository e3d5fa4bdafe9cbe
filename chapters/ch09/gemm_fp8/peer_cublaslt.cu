// Peer: cuBLASLt without its fast accumulation, which would fail the workload's tolerance; the fastest of what its
// heuristic proposes for this shape.
#include <aisp/cuda/cublaslt.hpp>

namespace {

class CuBlasLt {
 public:
  explicit CuBlasLt(const aisp::Setup& setup)
      : product_(setup.shape("c")[0], setup.shape("c")[1], setup.shape("a")[1], CUDA_R_8F_E4M3, CUDA_R_16BF) {}
  void operator()(aisp::Slot slot, aisp::Matrix<const __nv_fp8_e4m3> a, aisp::Matrix<const __nv_fp8_e4m3> b,
                  aisp::Matrix<__nv_bfloat16> c) const {
    product_(a.data, b.data, c.data, aisp::stream(slot));
  }

 private:
  aisp::cuda::LtProduct product_;
};

}  // namespace

AISP_VARIANT(CuBlasLt, .about = "cuBLASLt with accurate sums, best of its heuristic");
