// What the machine's NVIDIA GPUs are (GpuFacts) and how they are doing (GpuState), read through NVML, which is opened
// at run time: no CUDA types, and no toolkit needed. Nothing here ever changes a setting. A fact that the driver does
// not give is "", 0 or −1 as its comment says, never a guess.
#pragma once

#include "model/gpu_state.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace aisp::device {

// What stays the same while the machine runs. The serial number is left out: results are published.
struct GpuFacts {
  int index = 0;     // NVML's number, by PCI address
  std::string name;  // "NVIDIA H200"
  std::string uuid, pci_bus_id;
  int compute_major = 0, compute_minor = 0;
  std::uint64_t memory_bytes = 0;
  std::string driver;       // "580.95.05"
  std::string driver_cuda;  // newest CUDA that the driver speaks: "13.0"
  double max_sm_mhz = 0, max_memory_mhz = 0;
  double default_power_limit_watts = 0;
  int max_pcie_generation = 0, max_pcie_width = 0;
  std::string ecc, mig, persistence;  // "on" | "off" | "" = not told or not there
  std::string compute_mode;           // "default" | "exclusive_thread" | "prohibited" | "exclusive_process"
  int nvlinks_active = 0;
};

using model::GpuProcess;
using model::GpuState;

struct GpuList {
  std::vector<GpuFacts> gpus;
  std::string why_absent;  // one line when there is none
};

// Every GPU of this machine. Never throws: a machine without a GPU is not an error.
GpuList gpu_facts();
// Of GPU `index` as gpu_facts() numbers it; all fields unknown when it cannot be read.
GpuState gpu_state(int index);

// The GPU at a PCI address as CUDA or NVML spell it ("0000:04:00.0", "00000000:04:00.0"); nullptr when it is not
// listed.
const GpuFacts* gpu_at(const GpuList&, const std::string& pci_bus_id);

// A name for files and keys: "nvidia-h200-141gb". Letters, digits and dashes.
std::string gpu_key(const GpuFacts&);

}  // namespace aisp::device
