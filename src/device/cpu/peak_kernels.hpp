// Loops that saturate one resource of a core each, for every instruction set, chosen at run time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace aisp::device {

// Chains of independent multiply-adds (or adds) on registers alone.
struct ComputeKernel {
  void (*run)(std::int64_t iterations);
  double ops_per_iteration;  // a multiply-add counts as two
};
// Best known kernels for this processor: several where it depends on the machine which is fastest. Empty: the processor
// has a unit for this dtype that these kernels do not use (AMX tiles, AVX512-FP16), so that no bound is known.
struct ComputeKernels {
  std::vector<ComputeKernel> f32, f64, bf16, f16, i8, i32;
};
ComputeKernels compute_kernels();

// Streams over `bytes` of each array, a multiple of kStreamBlock, `repeats` times. Arrays are 64-byte aligned.
inline constexpr std::size_t kStreamBlock = 1024;
struct StreamKernel {
  void (*run)(std::byte* c, const std::byte* a, const std::byte* b, std::size_t bytes, std::int64_t repeats);
  int arrays;      // 1: reads a; 2: a → c; 3: a, b → c
  bool streaming;  // non-temporal stores: past the caches
};
std::vector<StreamKernel> stream_kernels();

}  // namespace aisp::device
