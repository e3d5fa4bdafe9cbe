// A kernel that waits: it keeps what is queued behind it from starting until the judge opens the gate.
#include "device/cuda/global_timer.cuh"
#include "device/cuda/runtime.hpp"

namespace aisp::device::cuda {
namespace {

__global__ void gate(const volatile std::uint32_t* flag, std::uint32_t value, std::uint64_t timeout_ns,
                     std::uint32_t* expired) {
  const auto start = global_nanoseconds();
  while (static_cast<std::int32_t>(*flag - value) < 0) {
    if (global_nanoseconds() - start > timeout_ns) {
      *expired = 1;
      return;
    }
  }
}

}  // namespace

void launch_gate(cudaStream_t stream, const std::uint32_t* flag, std::uint32_t value, std::uint64_t timeout_ns,
                 std::uint32_t* expired) {
  gate<<<1, 1, 0, stream>>>(flag, value, timeout_ns, expired);
  AISP_CUDA_CHECK(cudaGetLastError());
}

}  // namespace aisp::device::cuda
