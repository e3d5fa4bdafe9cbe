// cuBLASLt as a peer: opened at run time, so that nothing links against it; the best of what its heuristic proposes.
#pragma once

#include <aisp/cuda.hpp>

#include <cublasLt.h>
#include <dlfcn.h>

#include <vector>

namespace aisp::cuda {

// C[m, n] = A[m, k]·B[n, k]ᵀ, row-major, sums in FP32, for 8-bit inputs too (no fast accumulation); or with a bias for
// each column and GELU (tanh form) applied to the sums. Inputs and output have CUDA's types, as CUDA_R_16BF;
// CUDA_R_8F_E4M3 takes CUDA_R_16BF as output. Made in prepare: every algorithm that the heuristic proposes is tried on
// random data, and the fastest is kept.
class LtProduct {
 public:
  enum class Epilogue { none, bias_gelu };

  LtProduct(std::int64_t m, std::int64_t n, std::int64_t k, cudaDataType_t input, cudaDataType_t output,
            Epilogue epilogue = Epilogue::none)
      : workspace_(workspace_bytes) {
    library_ = dlopen("libcublasLt.so.13", RTLD_NOW | RTLD_LOCAL);
    if (!library_) throw std::runtime_error("cuBLASLt is not installed (libcublasLt.so.13)");
    matmul_ = symbol<Matmul>("cublasLtMatmul");
    check(symbol<decltype(&cublasLtCreate)>("cublasLtCreate")(&handle_), "cublasLtCreate");
    check(
        symbol<decltype(&cublasLtMatmulDescCreate)>("cublasLtMatmulDescCreate")(&desc_, CUBLAS_COMPUTE_32F, CUDA_R_32F),
        "cublasLtMatmulDescCreate");
    set(CUBLASLT_MATMUL_DESC_TRANSA, CUBLAS_OP_T);
    const DeviceBuffer<std::uint32_t> any_bias(epilogue == Epilogue::none ? 0 : n);  // while algorithms are tried
    if (epilogue == Epilogue::bias_gelu) {
      set(CUBLASLT_MATMUL_DESC_EPILOGUE, CUBLASLT_EPILOGUE_GELU_BIAS);
      AISP_CUDA(cudaMemset(any_bias.get(), 0, sizeof(std::uint32_t) * static_cast<std::size_t>(n)));
      set_bias(any_bias.get());
    }
    // Row-major C = A·Bᵀ is column-major Cᵀ = B·Aᵀ, in which B and A are k × n and k × m.
    const auto layout = symbol<decltype(&cublasLtMatrixLayoutCreate)>("cublasLtMatrixLayoutCreate");
    const auto make = [&](cublasLtMatrixLayout_t& into, cudaDataType_t type, std::int64_t rows, std::int64_t cols) {
      check(layout(&into, type, static_cast<std::uint64_t>(rows), static_cast<std::uint64_t>(cols), rows),
            "cublasLtMatrixLayoutCreate");
    };
    make(b_, input, k, n);
    make(a_, input, k, m);
    make(c_, output, n, m);
    choose(propose(), static_cast<std::size_t>(m), static_cast<std::size_t>(n), static_cast<std::size_t>(k),
           input == CUDA_R_8F_E4M3 ? 1 : 2);
  }
  ~LtProduct() { symbol<decltype(&cublasLtDestroy)>("cublasLtDestroy")(handle_); }
  LtProduct(const LtProduct&) = delete;
  LtProduct& operator=(const LtProduct&) = delete;

  // n elements of the output's type, for the calls that follow.
  void set_bias(const void* bias) const { set(CUBLASLT_MATMUL_DESC_BIAS_POINTER, bias); }

  void operator()(const void* a, const void* b, void* c, cudaStream_t stream) const {
    check(run(algorithm_, a, b, c, stream), "cublasLtMatmul");
  }

 private:
  struct Algorithm {  // nvcc 13.0 fails on containers of the unnamed struct itself
    cublasLtMatmulAlgo_t value;
  };
  using Matmul = decltype(&cublasLtMatmul);

  std::vector<Algorithm> propose() const {
    cublasLtMatmulPreference_t preference = nullptr;
    check(symbol<decltype(&cublasLtMatmulPreferenceCreate)>("cublasLtMatmulPreferenceCreate")(&preference),
          "cublasLtMatmulPreferenceCreate");
    const std::size_t bytes = workspace_bytes;
    check(symbol<decltype(&cublasLtMatmulPreferenceSetAttribute)>("cublasLtMatmulPreferenceSetAttribute")(
              preference, CUBLASLT_MATMUL_PREF_MAX_WORKSPACE_BYTES, &bytes, sizeof bytes),
          "cublasLtMatmulPreferenceSetAttribute");
    cublasLtMatmulHeuristicResult_t results[16];
    int found = 0;
    check(symbol<decltype(&cublasLtMatmulAlgoGetHeuristic)>("cublasLtMatmulAlgoGetHeuristic")(
              handle_, desc_, b_, a_, c_, c_, preference, 16, results, &found),
          "cublasLtMatmulAlgoGetHeuristic");
    symbol<decltype(&cublasLtMatmulPreferenceDestroy)>("cublasLtMatmulPreferenceDestroy")(preference);
    std::vector<Algorithm> algorithms;
    for (int i = 0; i < found; ++i)
      if (results[i].state == CUBLAS_STATUS_SUCCESS) algorithms.push_back({results[i].algo});
    if (algorithms.empty()) throw std::runtime_error("cuBLASLt proposes no algorithm for this shape and type");
    return algorithms;
  }

  void choose(const std::vector<Algorithm>& algorithms, std::size_t m, std::size_t n, std::size_t k,
              std::size_t width) {
    const auto fill = [](DeviceBuffer<std::uint8_t>& to) {  // finite numbers of either type, of both signs
      std::vector<std::uint8_t> bytes(static_cast<std::size_t>(to.size()));
      std::uint32_t state = 1;
      for (auto& byte : bytes) {
        state = state * 1664525u + 1013904223u;
        byte = static_cast<std::uint8_t>((state >> 24 & 0x8f) | 0x30);
      }
      AISP_CUDA(cudaMemcpy(to.get(), bytes.data(), bytes.size(), cudaMemcpyHostToDevice));
    };
    DeviceBuffer<std::uint8_t> a(static_cast<std::int64_t>(m * k * width)), b(static_cast<std::int64_t>(n * k * width)),
        c(static_cast<std::int64_t>(m * n * 2));
    fill(a), fill(b);
    cudaEvent_t begin, end;
    AISP_CUDA(cudaEventCreate(&begin));
    AISP_CUDA(cudaEventCreate(&end));
    float best = 0;
    for (const auto& algorithm : algorithms) {
      if (run(algorithm, a.get(), b.get(), c.get(), nullptr) != CUBLAS_STATUS_SUCCESS) continue;
      AISP_CUDA(cudaEventRecord(begin));
      for (int i = 0; i < 5; ++i) run(algorithm, a.get(), b.get(), c.get(), nullptr);
      AISP_CUDA(cudaEventRecord(end));
      AISP_CUDA(cudaEventSynchronize(end));
      float milliseconds = 0;
      AISP_CUDA(cudaEventElapsedTime(&milliseconds, begin, end));
      if (best == 0 || milliseconds < best) best = milliseconds, algorithm_ = algorithm;
    }
    cudaEventDestroy(begin);
    cudaEventDestroy(end);
    if (best == 0) throw std::runtime_error("no algorithm that cuBLASLt proposes runs");
  }

  cublasStatus_t run(const Algorithm& algorithm, const void* a, const void* b, void* c, cudaStream_t stream) const {
    const float one = 1, zero = 0;
    return matmul_(handle_, desc_, &one, b, b_, a, a_, &zero, c, c_, c, c_, &algorithm.value, workspace_.get(),
                   workspace_bytes, stream);
  }

  template <class Function> Function symbol(const char* name) const {
    if (void* found = dlsym(library_, name)) return reinterpret_cast<Function>(found);
    throw std::runtime_error(std::string("this cuBLASLt has no ") + name);
  }
  template <class Value> void set(cublasLtMatmulDescAttributes_t attribute, Value value) const {
    check(symbol<decltype(&cublasLtMatmulDescSetAttribute)>("cublasLtMatmulDescSetAttribute")(desc_, attribute, &value,
                                                                                              sizeof value),
          "cublasLtMatmulDescSetAttribute");
  }
  static void check(cublasStatus_t status, const char* call) {
    if (status != CUBLAS_STATUS_SUCCESS)
      throw std::runtime_error(std::string(call) + ": cublasStatus_t " + std::to_string(status));
  }

  static constexpr std::size_t workspace_bytes = 64 << 20;
  void* library_ = nullptr;  // stays open, and with it what was made here: once a worker
  Matmul matmul_ = nullptr;
  cublasLtHandle_t handle_ = nullptr;
  cublasLtMatmulDesc_t desc_ = nullptr;
  cublasLtMatrixLayout_t a_ = nullptr, b_ = nullptr, c_ = nullptr;
  Algorithm algorithm_{};
  DeviceBuffer<std::uint8_t> workspace_;
};

}  // namespace aisp::cuda
