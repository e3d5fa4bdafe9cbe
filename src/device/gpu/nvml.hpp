// NVML behind a table of functions, so that tests feed recorded answers. The declarations are this project's own, of
// the documented C interface (NVIDIA Management Library API reference); a test compares them with nvml.h where a
// toolkit has it. Only functions that read are listed.
#pragma once

#include "device/gpu/facts.hpp"

#include <array>
#include <optional>
#include <string>

namespace aisp::device::nvml {

using Device = struct nvmlDevice_st*;
using Return = int;
inline constexpr Return kSuccess = 0, kInsufficientSize = 7, kDriverNotLoaded = 9, kLibraryMismatch = 18;

struct Memory {
  unsigned long long total, free, used;
};
struct Utilization {
  unsigned gpu, memory;  // per cent
};
struct PciInfo {
  char busIdLegacy[16];
  unsigned domain, bus, device, pciDeviceId, pciSubSystemId;
  char busId[32];
};
struct ProcessInfo {
  unsigned pid;
  unsigned long long usedGpuMemory;  // all ones: not available
  unsigned gpuInstanceId, computeInstanceId;
};
enum Clock : int { kClockSm = 1, kClockMemory = 2 };

struct Api {
  Return (*init)();
  Return (*shutdown)();
  const char* (*error_string)(Return);
  Return (*driver_version)(char*, unsigned);
  Return (*cuda_version)(int*);
  Return (*count)(unsigned*);
  Return (*handle)(unsigned, Device*);
  Return (*name)(Device, char*, unsigned);
  Return (*uuid)(Device, char*, unsigned);
  Return (*pci_info)(Device, PciInfo*);
  Return (*memory)(Device, Memory*);
  Return (*compute_capability)(Device, int*, int*);
  Return (*clock)(Device, int, unsigned*);
  Return (*max_clock)(Device, int, unsigned*);
  Return (*power)(Device, unsigned*);  // mW
  Return (*power_limit)(Device, unsigned*);
  Return (*default_power_limit)(Device, unsigned*);
  Return (*temperature)(Device, int, unsigned*);
  Return (*throttle_reasons)(Device, unsigned long long*);
  Return (*ecc_mode)(Device, int*, int*);
  Return (*ecc_errors)(Device, int, int, unsigned long long*);
  Return (*pcie_generation)(Device, unsigned*);
  Return (*pcie_width)(Device, unsigned*);
  Return (*max_pcie_generation)(Device, unsigned*);
  Return (*max_pcie_width)(Device, unsigned*);
  Return (*nvlink_state)(Device, unsigned, int*);
  Return (*mig_mode)(Device, unsigned*, unsigned*);
  Return (*compute_mode)(Device, int*);
  Return (*persistence)(Device, int*);
  Return (*utilization)(Device, Utilization*);
  Return (*processes)(Device, unsigned*, ProcessInfo*);
};

// The library of this machine's driver, opened once; nullptr when there is none, and `why_absent` says why. Functions
// that an old driver lacks are nullptr in the table.
const Api* library(std::string& why_absent);

GpuList facts(const Api&);
std::optional<GpuState> state(const Api&, int index);
std::vector<std::string> throttle_names(unsigned long long mask);

}  // namespace aisp::device::nvml
