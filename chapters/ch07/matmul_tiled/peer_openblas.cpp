// Peer: cblas_sgemm of OpenBLAS, one thread: what tiles, packing and register blocking reach together.
#include <aisp/variant.hpp>

#include <dlfcn.h>

namespace {

class OpenBlas {
 public:
  explicit OpenBlas(const aisp::Setup&) {
    library_ = dlopen("libopenblas.so.0", RTLD_NOW | RTLD_LOCAL);
    if (!library_) throw std::runtime_error("OpenBLAS is not installed (libopenblas0)");
    sgemm_ = reinterpret_cast<Sgemm>(dlsym(library_, "cblas_sgemm"));
    if (!sgemm_) throw std::runtime_error("this OpenBLAS has no cblas_sgemm");
  }
  void operator()(aisp::Matrix<const float> a, aisp::Matrix<const float> b, aisp::Matrix<float> c) {
    const auto m = static_cast<int>(c.dim(0)), n = static_cast<int>(c.dim(1)), k = static_cast<int>(a.dim(1));
    sgemm_(row_major, no_transpose, no_transpose, m, n, k, 1.0f, a.data, k, b.data, n, 0.0f, c.data, n);
  }

 private:
  static constexpr int row_major = 101, no_transpose = 111;  // CBLAS_ORDER and CBLAS_TRANSPOSE of the CBLAS standard
  using Sgemm = void (*)(int order, int trans_a, int trans_b, int m, int n, int k, float alpha, const float* a, int lda,
                         const float* b, int ldb, float beta, float* c, int ldc);
  void* library_ = nullptr;  // stays open: its worker threads and buffers outlive any one object
  Sgemm sgemm_ = nullptr;
};

}  // namespace

AISP_VARIANT(OpenBlas, .about = "OpenBLAS cblas_sgemm");
