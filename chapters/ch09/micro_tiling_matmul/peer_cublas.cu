// Peer: cuBLAS's product in FP32, without tensor cores.
#include <aisp/cuda/cublas.hpp>

namespace {

class Peer {
 public:
  explicit Peer(const aisp::Setup& setup) : cublas_(aisp::stream(setup)) {}
  void operator()(aisp::Matrix<const float> a, aisp::Matrix<const float> b, aisp::Matrix<float> c) const {
    cublas_.product(c.dim(0), c.dim(1), a.dim(1), a.data, b.data, c.data);
  }

 private:
  aisp::cuda::CuBlas cublas_;
};

}  // namespace

AISP_VARIANT(Peer, .about = "cublasGemmEx, FP32");
