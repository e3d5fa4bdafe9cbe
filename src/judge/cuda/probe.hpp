// The kernel of the drain probe.
#pragma once

#include <cuda_runtime_api.h>

#include <cstdint>

namespace aisp::judge {

struct ProbeAnswer {                  // in host memory that the device writes
  std::uint32_t began, ended;         // the number of the probe that began and ended last
  std::uint64_t cycles, nanoseconds;  // of the SM and of the global timer, over the same time
};

// Says that it began, counts SM cycles for at least `nanoseconds`, says that it ended.
void launch_probe(cudaStream_t, ProbeAnswer*, std::uint32_t number, std::uint64_t nanoseconds);

}  // namespace aisp::judge
