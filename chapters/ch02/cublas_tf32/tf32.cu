// TF32: the same call, allowed to round the factors to 10 bits of fraction and to use the tensor cores; inputs, outputs
// and sums stay FP32. Expected: five times the baseline or more. What binds it: the tensor cores, at half their FP16
// rate.
#include <aisp/cuda/cublas.hpp>

namespace {

class Tf32 {
 public:
  explicit Tf32(const aisp::Setup& setup) : cublas_(aisp::stream(setup)) {}
  void operator()(aisp::Matrix<const float> a, aisp::Matrix<const float> b, aisp::Matrix<float> c) const {
    cublas_.product(c.dim(0), c.dim(1), a.dim(1), a.data, b.data, c.data, CUBLAS_COMPUTE_32F_FAST_TF32);
  }

 private:
  aisp::cuda::CuBlas cublas_;
};

}  // namespace

AISP_VARIANT(Tf32, .about = "cuBLAS, TF32 tensor cores");
