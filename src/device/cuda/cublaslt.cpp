#include "device/cuda/cublaslt.hpp"

#include <dlfcn.h>

#include <cstdlib>

#if __has_include(<cublasLt.h>)
#include <cublasLt.h>
#define AISP_HAVE_CUBLASLT_H 1
#else
#define AISP_HAVE_CUBLASLT_H 0
#endif

namespace aisp::device::cuda {

const MatrixTypeInfo& info(MatrixType type) {
  static constexpr MatrixTypeInfo kTypes[] = {
      {MatrixType::f64, "f64_matrix", 8, 8}, {MatrixType::f32, "f32", 4, 4}, {MatrixType::tf32, "tf32", 4, 4},
      {MatrixType::bf16, "bf16", 2, 2},      {MatrixType::f16, "f16", 2, 2}, {MatrixType::i8, "i8", 1, 4},
      {MatrixType::f8, "f8", 1, 2},          {MatrixType::f4, "f4", 0.5, 2},
  };
  return kTypes[static_cast<int>(type)];
}

#if AISP_HAVE_CUBLASLT_H
namespace {

struct Library {
  void* so = nullptr;
  std::string why_absent;
  decltype(&cublasLtCreate) create = nullptr;
  decltype(&cublasLtDestroy) destroy = nullptr;
  decltype(&cublasLtGetVersion) version = nullptr;
  decltype(&cublasLtGetStatusString) status_string = nullptr;
  decltype(&cublasLtMatmul) matmul = nullptr;
  decltype(&cublasLtMatmulDescCreate) desc_create = nullptr;
  decltype(&cublasLtMatmulDescDestroy) desc_destroy = nullptr;
  decltype(&cublasLtMatmulDescSetAttribute) desc_set = nullptr;
  decltype(&cublasLtMatrixLayoutCreate) layout_create = nullptr;
  decltype(&cublasLtMatrixLayoutDestroy) layout_destroy = nullptr;
  decltype(&cublasLtMatmulPreferenceCreate) preference_create = nullptr;
  decltype(&cublasLtMatmulPreferenceDestroy) preference_destroy = nullptr;
  decltype(&cublasLtMatmulPreferenceSetAttribute) preference_set = nullptr;
  decltype(&cublasLtMatmulAlgoGetHeuristic) heuristic = nullptr;

  Library() {
    const std::string name = "libcublasLt.so." + std::to_string(CUDART_VERSION / 1000);
    std::vector<std::string> places{name};  // the loader's own places first
    for (const char* variable : {"CUDA_HOME", "CUDA_PATH"})
      if (const char* home = std::getenv(variable)) places.push_back(std::string(home) + "/lib64/" + name);
    places.push_back(AISP_CUDA_LIBRARY_DIR "/" + name);  // of the toolkit that this was built with
    for (const auto& place : places)
      if (!so) so = dlopen(place.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (!so) {
      why_absent = name + " is not installed where the loader, CUDA_HOME or the build's toolkit would have it";
      return;
    }
    const auto find = [&](auto& f, const char* symbol) {
      f = reinterpret_cast<std::remove_reference_t<decltype(f)>>(dlsym(so, symbol));
      if (!f) why_absent = name + " lacks " + symbol;
    };
    find(create, "cublasLtCreate"), find(destroy, "cublasLtDestroy"), find(version, "cublasLtGetVersion");
    find(status_string, "cublasLtGetStatusString"), find(matmul, "cublasLtMatmul");
    find(desc_create, "cublasLtMatmulDescCreate"), find(desc_destroy, "cublasLtMatmulDescDestroy");
    find(desc_set, "cublasLtMatmulDescSetAttribute"), find(layout_create, "cublasLtMatrixLayoutCreate");
    find(layout_destroy, "cublasLtMatrixLayoutDestroy");
    find(preference_create, "cublasLtMatmulPreferenceCreate");
    find(preference_destroy, "cublasLtMatmulPreferenceDestroy");
    find(preference_set, "cublasLtMatmulPreferenceSetAttribute");
    find(heuristic, "cublasLtMatmulAlgoGetHeuristic");
  }
  static const Library& get() {
    static const Library library;
    return library;
  }
};

void check(cublasStatus_t status, const char* call) {
  if (status != CUBLAS_STATUS_SUCCESS)
    throw Error(std::string(call) + " failed with " + Library::get().status_string(status));
}
#define AISP_CUBLASLT_CHECK(function, ...) check(Library::get().function(__VA_ARGS__), "cuBLASLt " #function)

struct Types {
  cudaDataType_t input, output, scale;
  cublasComputeType_t compute;
};

Types types_of(MatrixType type) {
  switch (type) {
    case MatrixType::f64: return {CUDA_R_64F, CUDA_R_64F, CUDA_R_64F, CUBLAS_COMPUTE_64F};
    case MatrixType::f32: return {CUDA_R_32F, CUDA_R_32F, CUDA_R_32F, CUBLAS_COMPUTE_32F};
    case MatrixType::tf32: return {CUDA_R_32F, CUDA_R_32F, CUDA_R_32F, CUBLAS_COMPUTE_32F_FAST_TF32};
    case MatrixType::bf16: return {CUDA_R_16BF, CUDA_R_16BF, CUDA_R_32F, CUBLAS_COMPUTE_32F};
    case MatrixType::f16: return {CUDA_R_16F, CUDA_R_16F, CUDA_R_32F, CUBLAS_COMPUTE_32F};
    case MatrixType::i8: return {CUDA_R_8I, CUDA_R_32I, CUDA_R_32I, CUBLAS_COMPUTE_32I};
    case MatrixType::f8: return {CUDA_R_8F_E4M3, CUDA_R_16BF, CUDA_R_32F, CUBLAS_COMPUTE_32F};
    case MatrixType::f4: return {CUDA_R_4F_E2M1, CUDA_R_16BF, CUDA_R_32F, CUBLAS_COMPUTE_32F};
  }
  throw Error("unknown matrix type");
}

}  // namespace

std::optional<std::string> cublaslt_absent() {
  const auto& library = Library::get();
  if (library.why_absent.empty()) return std::nullopt;
  return library.why_absent;
}

std::string cublaslt_version() {
  if (cublaslt_absent()) return "";
  const auto v = Library::get().version();
  return std::to_string(v / 10000) + "." + std::to_string(v % 10000 / 100) + "." + std::to_string(v % 100);
}

struct MatrixProduct::Parts {
  cublasLtHandle_t handle = nullptr;
  cublasLtMatmulDesc_t desc = nullptr;
  cublasLtMatrixLayout_t a = nullptr, b = nullptr, d = nullptr;
  std::vector<cublasLtMatmulHeuristicResult_t> algorithms;
  std::size_t workspace_bytes = 0;
  MatrixType type{};

  ~Parts() {
    const auto& library = Library::get();
    for (auto layout : {a, b, d})
      if (layout) library.layout_destroy(layout);
    if (desc) library.desc_destroy(desc);
    if (handle) library.destroy(handle);
  }
};

MatrixProduct::MatrixProduct(MatrixType type, int m, int n, int k, std::size_t workspace_bytes, const void* scales)
    : parts_(std::make_unique<Parts>()) {
  if (const auto why = cublaslt_absent()) throw Error(*why);
  auto& p = *parts_;
  p.type = type, p.workspace_bytes = workspace_bytes;
  const auto t = types_of(type);
  AISP_CUBLASLT_CHECK(create, &p.handle);
  AISP_CUBLASLT_CHECK(desc_create, &p.desc, t.compute, t.scale);
  const auto set = [&](cublasLtMatmulDescAttributes_t attribute, auto value) {
    AISP_CUBLASLT_CHECK(desc_set, p.desc, attribute, &value, sizeof value);
  };
  set(CUBLASLT_MATMUL_DESC_TRANSA, CUBLAS_OP_T);
  set(CUBLASLT_MATMUL_DESC_TRANSB, CUBLAS_OP_N);
  if (type == MatrixType::f8) set(CUBLASLT_MATMUL_DESC_FAST_ACCUM, std::int8_t{1});
  if (type == MatrixType::f4) {
    for (auto mode : {CUBLASLT_MATMUL_DESC_A_SCALE_MODE, CUBLASLT_MATMUL_DESC_B_SCALE_MODE})
      set(mode, CUBLASLT_MATMUL_MATRIX_SCALE_VEC16_UE4M3);
    for (auto pointer : {CUBLASLT_MATMUL_DESC_A_SCALE_POINTER, CUBLASLT_MATMUL_DESC_B_SCALE_POINTER})
      set(pointer, scales);
  }
  const auto layout = [](cublasLtMatrixLayout_t& into, cudaDataType_t of, int rows, int columns) {
    AISP_CUBLASLT_CHECK(layout_create, &into, of, static_cast<std::uint64_t>(rows), static_cast<std::uint64_t>(columns),
                        std::int64_t{rows});
  };
  layout(p.a, t.input, k, m), layout(p.b, t.input, k, n), layout(p.d, t.output, m, n);

  cublasLtMatmulPreference_t preference = nullptr;
  AISP_CUBLASLT_CHECK(preference_create, &preference);
  const std::unique_ptr<std::remove_pointer_t<cublasLtMatmulPreference_t>, decltype(Library::preference_destroy)> owner(
      preference, Library::get().preference_destroy);
  AISP_CUBLASLT_CHECK(preference_set, preference, CUBLASLT_MATMUL_PREF_MAX_WORKSPACE_BYTES, &workspace_bytes,
                      sizeof workspace_bytes);
  p.algorithms.resize(16);
  int found = 0;
  AISP_CUBLASLT_CHECK(heuristic, p.handle, p.desc, p.a, p.b, p.d, p.d, preference,
                      static_cast<int>(p.algorithms.size()), p.algorithms.data(), &found);
  p.algorithms.resize(static_cast<std::size_t>(found));
  std::erase_if(p.algorithms, [](const auto& a) { return a.state != CUBLAS_STATUS_SUCCESS; });
  if (p.algorithms.empty()) throw Error("cuBLASLt proposes no algorithm for this type on this device");
}

MatrixProduct::~MatrixProduct() = default;

int MatrixProduct::algorithms() const { return static_cast<int>(parts_->algorithms.size()); }

void MatrixProduct::run(int algorithm, const void* a, const void* b, void* d, void* workspace,
                        cudaStream_t stream) const {
  const auto& p = *parts_;
  constexpr double one64 = 1, zero64 = 0;
  constexpr float one32 = 1, zero32 = 0;
  constexpr std::int32_t one_i = 1, zero_i = 0;
  const void *alpha = &one32, *beta = &zero32;
  if (p.type == MatrixType::f64) alpha = &one64, beta = &zero64;
  if (p.type == MatrixType::i8) alpha = &one_i, beta = &zero_i;
  AISP_CUBLASLT_CHECK(matmul, p.handle, p.desc, alpha, a, p.a, b, p.b, beta, d, p.d, d, p.d,
                      &p.algorithms.at(static_cast<std::size_t>(algorithm)).algo, workspace, p.workspace_bytes, stream);
}

#else  // the toolkit that this was built with has no cublasLt.h

std::optional<std::string> cublaslt_absent() { return "this build's toolkit had no cublasLt.h"; }
std::string cublaslt_version() { return ""; }
struct MatrixProduct::Parts {};
MatrixProduct::MatrixProduct(MatrixType, int, int, int, std::size_t, const void*) { throw Error(*cublaslt_absent()); }
MatrixProduct::~MatrixProduct() = default;
int MatrixProduct::algorithms() const { return 0; }
void MatrixProduct::run(int, const void*, const void*, void*, void*, cudaStream_t) const {}

#endif

}  // namespace aisp::device::cuda
