// The device's global timer, and the SM clock by it.
#pragma once

#include <cstdint>

namespace aisp::device::cuda {

__device__ inline std::uint64_t global_nanoseconds() {
  std::uint64_t t;
  asm volatile("mov.u64 %0, %%globaltimer;" : "=l"(t));  // PTX ISA, special register %globaltimer
  return t;
}

struct ClockCount {
  std::uint64_t cycles, nanoseconds;  // of the SM and of the global timer, over the same time
};

// Counts for at least `nanoseconds`, from one tick of the global timer to another, so that its coarse steps do not
// enter the ratio.
__device__ inline ClockCount count_cycles(std::uint64_t nanoseconds) {
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
  return {static_cast<std::uint64_t>(clock64() - first_cycle), last - first};
}

}  // namespace aisp::device::cuda
