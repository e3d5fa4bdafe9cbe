// A kernel that waits: it keeps what is queued behind it from starting, and the device from other contexts.
#include "device/cuda/runtime.hpp"

namespace aisp::device::cuda {
namespace {

__global__ void gate(const volatile std::uint32_t* flag, std::uint32_t value) {
  while (static_cast<std::int32_t>(*flag - value) < 0) {
  }
}

}  // namespace

void launch_gate(cudaStream_t stream, const std::uint32_t* flag, std::uint32_t value) {
  gate<<<1, 1, 0, stream>>>(flag, value);
  AISP_CUDA_CHECK(cudaGetLastError());
}

}  // namespace aisp::device::cuda
