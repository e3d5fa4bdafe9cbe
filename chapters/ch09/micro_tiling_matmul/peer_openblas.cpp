// Peer: OpenBLAS's cblas_sgemm on one thread, opened at run time, so that nothing links against it.
#include <aisp/variant.hpp>

#include <dlfcn.h>

#include <memory>
#include <stdexcept>

namespace {

// CBLAS interface (netlib.org/blas, cblas.h): enumerations are passed as int.
using Sgemm = void (*)(int order, int trans_a, int trans_b, int m, int n, int k, float alpha, const float* a, int lda,
                       const float* b, int ldb, float beta, float* c, int ldc);
constexpr int kRowMajor = 101, kNoTrans = 111;

struct Close {
  void operator()(void* library) const { dlclose(library); }
};

class OpenBlas {
 public:
  explicit OpenBlas(const aisp::Setup&) : library_(dlopen("libopenblas.so.0", RTLD_NOW | RTLD_LOCAL)) {
    if (!library_) throw std::runtime_error("OpenBLAS is not installed (libopenblas0)");
    sgemm_ = reinterpret_cast<Sgemm>(dlsym(library_.get(), "cblas_sgemm"));
    if (!sgemm_) throw std::runtime_error("libopenblas.so.0 has no cblas_sgemm: install libopenblas0");
  }

  void operator()(aisp::Matrix<const float> a, aisp::Matrix<const float> b, aisp::Matrix<float> c) const {
    const int m = static_cast<int>(a.dim(0)), n = static_cast<int>(b.dim(1)), k = static_cast<int>(a.dim(1));
    sgemm_(kRowMajor, kNoTrans, kNoTrans, m, n, k, 1, a.data, k, b.data, n, 0, c.data, n);
  }

 private:
  std::unique_ptr<void, Close> library_;
  Sgemm sgemm_ = nullptr;
};

}  // namespace

AISP_VARIANT(OpenBlas, .about = "OpenBLAS cblas_sgemm");
