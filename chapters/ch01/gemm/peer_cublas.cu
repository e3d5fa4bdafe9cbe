// Peer: cuBLAS's strided-batched product in FP32, without tensor cores.
#include <aisp/cuda/cublas.hpp>

namespace {

class Peer {
 public:
  explicit Peer(const aisp::Setup& setup) : cublas_(aisp::stream(setup)) {}
  void operator()(aisp::Tensor<const float, 3> a, aisp::Tensor<const float, 3> b, aisp::Tensor<float, 3> c) const {
    cublas_.products(c.dim(0), c.dim(1), c.dim(2), a.dim(2), a.data, b.data, c.data);
  }

 private:
  aisp::cuda::CuBlas cublas_;
};

}  // namespace

AISP_VARIANT(Peer, .about = "cublasGemmStridedBatchedEx, FP32");
