// How a GPU is doing, as plain data.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace aisp::model {

struct GpuProcess {
  int pid = 0;
  std::uint64_t memory_bytes = 0;  // 0 = not told
};

// A reading of one moment. A fact that the driver does not give is "", 0 or −1 as its comment says, never a guess.
struct GpuState {
  double sm_mhz = 0, memory_mhz = 0;
  double watts = 0, power_limit_watts = 0;
  double celsius = 0;
  std::vector<std::string> throttle_reasons;        // "sw_power_cap", …; empty = none
  int pcie_generation = 0, pcie_width = 0;          // may be lower while idle
  double ecc_uncorrected = -1, ecc_corrected = -1;  // since the driver was loaded; −1 = not told
  double utilization = -1;                          // share of the last sampling period, 0 … 1; −1 = not told
  std::uint64_t memory_used_bytes = 0;
  std::vector<GpuProcess> processes;  // with a compute context, this process included
};

}  // namespace aisp::model
