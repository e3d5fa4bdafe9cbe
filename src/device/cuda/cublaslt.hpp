// cuBLASLt, opened at run time: one matrix product D = A·B with the algorithms that its heuristic proposes.
#pragma once

#include "device/cuda/runtime.hpp"

#include <memory>
#include <string>
#include <vector>

namespace aisp::device::cuda {

enum class MatrixType { f64, f32, tf32, bf16, f16, i8, f8, f4 };

struct MatrixTypeInfo {
  MatrixType type;
  const char* name;    // "bf16"
  double input_bytes;  // of one element of A and B
  int output_bytes;    // of one element of D: f64, f32, f32, bf16, f16, i32, bf16, bf16
};
const MatrixTypeInfo& info(MatrixType);

// Why there is no cuBLASLt; nothing when there is.
std::optional<std::string> cublaslt_absent();
std::string cublaslt_version();  // "13.1.0.3"; "" when there is none

// A product of one shape: D (m × n) = Aᵀ·B with A (k × m) and B (k × n), all column-major, which is the layout that all
// types support. Accumulates in f64, f32 or i32. FP4 operands have a scale (E4M3) for each 16 elements along k.
class MatrixProduct {
 public:
  // Throws Error when the library or the device does not offer the type, with the library's reason.
  MatrixProduct(MatrixType, int m, int n, int k, std::size_t workspace_bytes, const void* scales = nullptr);
  MatrixProduct(const MatrixProduct&) = delete;
  MatrixProduct& operator=(const MatrixProduct&) = delete;
  ~MatrixProduct();

  int algorithms() const;  // proposed by the heuristic, best guess first; at most 16
  void run(int algorithm, const void* a, const void* b, void* d, void* workspace, cudaStream_t) const;

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

// Random values of the type, standard normal (integers and FP4: random bits), into device memory.
void fill_random(MatrixType, void* data, std::size_t elements, std::uint64_t seed, cudaStream_t);

}  // namespace aisp::device::cuda
