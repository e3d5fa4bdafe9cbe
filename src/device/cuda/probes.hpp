// What of CUDA works on this machine: each probe runs a tiny kernel or call and looks at its result. A probe may fault
// on purpose or by accident, so each runs in a process of its own.
#pragma once

#include <span>
#include <string>

namespace aisp::device::cuda {

struct Probe {
  const char* name;
  const char* tried;               // what it does
  std::string (*run)(int device);  // what was seen to work; throws Error with the reason when it does not
};

std::span<const Probe> probes();

}  // namespace aisp::device::cuda
