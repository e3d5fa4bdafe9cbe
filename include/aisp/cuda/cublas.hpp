// cuBLAS as a peer: opened at run time, so that nothing links against it, and told that matrices are row-major.
#pragma once

#include <aisp/cuda.hpp>

#include <cublas_v2.h>
#include <dlfcn.h>

namespace aisp::cuda {

class CuBlas {
 public:
  explicit CuBlas(cudaStream_t stream) {
    library_ = dlopen("libcublas.so.13", RTLD_NOW | RTLD_LOCAL);
    if (!library_) throw std::runtime_error("cuBLAS is not installed (libcublas.so.13)");
    destroy_ = symbol<Destroy>("cublasDestroy_v2");
    gemm_ = symbol<Gemm>("cublasGemmEx");
    batched_ = symbol<Batched>("cublasGemmStridedBatchedEx");
    const auto set_stream = symbol<SetStream>("cublasSetStream_v2");
    check(symbol<Create>("cublasCreate_v2")(&handle_), "cublasCreate");
    check(set_stream(handle_, stream), "cublasSetStream");
  }
  ~CuBlas() { destroy_(handle_); }
  CuBlas(const CuBlas&) = delete;
  CuBlas& operator=(const CuBlas&) = delete;

  // C[m, n] = A[m, k]·B[k, n] in FP32: exactly (CUBLAS_COMPUTE_32F), or in TF32 (CUBLAS_COMPUTE_32F_FAST_TF32).
  void product(std::int64_t m, std::int64_t n, std::int64_t k, const float* a, const float* b, float* c,
               cublasComputeType_t compute = CUBLAS_COMPUTE_32F) const {
    const float one = 1, zero = 0;
    // Row-major C = A·B is column-major Cᵀ = Bᵀ·Aᵀ, and cuBLAS is column-major.
    check(gemm_(handle_, CUBLAS_OP_N, CUBLAS_OP_N, size(n), size(m), size(k), &one, b, CUDA_R_32F, size(n), a,
                CUDA_R_32F, size(k), &zero, c, CUDA_R_32F, size(n), compute, CUBLAS_GEMM_DEFAULT),
          "cublasGemmEx");
  }
  // C[i] = A[i]·B[i] for each of `batch` products that lie one after the other.
  void products(std::int64_t batch, std::int64_t m, std::int64_t n, std::int64_t k, const float* a, const float* b,
                float* c) const {
    const float one = 1, zero = 0;
    check(batched_(handle_, CUBLAS_OP_N, CUBLAS_OP_N, size(n), size(m), size(k), &one, b, CUDA_R_32F, size(n), k * n, a,
                   CUDA_R_32F, size(k), m * k, &zero, c, CUDA_R_32F, size(n), m * n, size(batch), CUBLAS_COMPUTE_32F,
                   CUBLAS_GEMM_DEFAULT),
          "cublasGemmStridedBatchedEx");
  }

 private:
  using Create = cublasStatus_t (*)(cublasHandle_t*);
  using Destroy = cublasStatus_t (*)(cublasHandle_t);
  using SetStream = cublasStatus_t (*)(cublasHandle_t, cudaStream_t);
  using Gemm = cublasStatus_t (*)(cublasHandle_t, cublasOperation_t, cublasOperation_t, int m, int n, int k,
                                  const void* alpha, const void* a, cudaDataType, int lda, const void* b, cudaDataType,
                                  int ldb, const void* beta, void* c, cudaDataType, int ldc, cublasComputeType_t,
                                  cublasGemmAlgo_t);
  using Batched = cublasStatus_t (*)(cublasHandle_t, cublasOperation_t, cublasOperation_t, int m, int n, int k,
                                     const void* alpha, const void* a, cudaDataType, int lda, long long stride_a,
                                     const void* b, cudaDataType, int ldb, long long stride_b, const void* beta,
                                     void* c, cudaDataType, int ldc, long long stride_c, int batch, cublasComputeType_t,
                                     cublasGemmAlgo_t);

  template <class Function> Function symbol(const char* name) const {
    if (void* found = dlsym(library_, name)) return reinterpret_cast<Function>(found);
    throw std::runtime_error(std::string("this cuBLAS has no ") + name);
  }
  static void check(cublasStatus_t status, const char* call) {
    if (status != CUBLAS_STATUS_SUCCESS)
      throw std::runtime_error(std::string(call) + ": cublasStatus_t " + std::to_string(status));
  }
  static int size(std::int64_t n) {
    if (n > 2147483647) throw std::invalid_argument("a dimension of " + std::to_string(n) + " is too large for cuBLAS");
    return static_cast<int>(n);
  }

  void* library_ = nullptr;  // stays open: its threads and buffers may outlive any one object
  cublasHandle_t handle_ = nullptr;
  Destroy destroy_ = nullptr;
  Gemm gemm_ = nullptr;
  Batched batched_ = nullptr;
};

// The variant that is CuBlas::product() and nothing else.
template <cublasComputeType_t compute = CUBLAS_COMPUTE_32F> class CuBlasProduct {
 public:
  explicit CuBlasProduct(const Setup& setup) : cublas_(stream(setup)) {}
  void operator()(Matrix<const float> a, Matrix<const float> b, Matrix<float> c) const {
    cublas_.product(c.dim(0), c.dim(1), a.dim(1), a.data, b.data, c.data, compute);
  }

 private:
  CuBlas cublas_;
};

}  // namespace aisp::cuda
