// Baseline: cuBLAS in FP32, the default: the ordinary multiply-add units, 24 bits of fraction in every product.
// What binds it: the FP32 units.
#include <aisp/cuda/cublas.hpp>

namespace {

class Fp32 {
 public:
  explicit Fp32(const aisp::Setup& setup) : cublas_(aisp::stream(setup)) {}
  void operator()(aisp::Matrix<const float> a, aisp::Matrix<const float> b, aisp::Matrix<float> c) const {
    cublas_.product(c.dim(0), c.dim(1), a.dim(1), a.data, b.data, c.data, CUBLAS_COMPUTE_32F);
  }

 private:
  aisp::cuda::CuBlas cublas_;
};

}  // namespace

AISP_VARIANT(Fp32, .about = "cuBLAS, FP32");
