#include "judge/cuda/probe.hpp"

#include "device/cuda/runtime.hpp"

namespace aisp::judge {
namespace {

__device__ std::uint64_t global_nanoseconds() {
  std::uint64_t t;
  asm volatile("mov.u64 %0, %%globaltimer;" : "=l"(t));  // PTX ISA, special register %globaltimer
  return t;
}

// Says that it runs, then counts cycles from one tick of the global timer to another, so that its coarse steps do not
// enter the ratio.
__global__ void probe(volatile ProbeAnswer* answer, std::uint32_t number, std::uint64_t nanoseconds) {
  answer->began = number;
  __threadfence_system();
  const auto tick = [] {
    const auto before = global_nanoseconds();
    auto now = before;
    while (now == before) now = global_nanoseconds();
    return now;
  };
  const auto first = tick();
  const auto first_cycle = clock64();
  auto last = first;
  while (last - first < nanoseconds) last = tick();
  answer->cycles = static_cast<std::uint64_t>(clock64() - first_cycle);
  answer->nanoseconds = last - first;
  __threadfence_system();
  answer->ended = number;
}

}  // namespace

void launch_probe(cudaStream_t stream, ProbeAnswer* answer, std::uint32_t number, std::uint64_t nanoseconds) {
  probe<<<1, 1, 0, stream>>>(answer, number, nanoseconds);
  AISP_CUDA_CHECK(cudaGetLastError());
}

}  // namespace aisp::judge
