// Measured ceilings of one GPU: what the best of several ways reached, and which way won. Without CUDA types, so that a
// build without CUDA reads what another one saved.
#pragma once

#include "device/gpu/facts.hpp"

#include <string>
#include <vector>

namespace aisp::device {

// One way to reach a figure, and how far it came.
struct GpuMethod {
  std::string name;  // "cudaMemcpyAsync", "cuBLASLt 8192³, algorithm 3 of 12"
  double value = 0;  // median, in the figure's unit; 0 = did not run
  std::string note;  // why it did not run, or ""
};

struct GpuFigure {
  std::string name;       // "copy", "bf16", "launch", …: kGpuFigures
  std::string unit;       // "B/s" | "op/s" (a multiply-add counts as two) | "s"
  double value = 0;       // median of the best way's samples; 0 = not measured, and `absent` says why
  double lo = 0, hi = 0;  // least and largest sample
  int samples = 0;
  double theoretical = 0;  // from the table of vendor figures; 0 = none
  std::string theoretical_source;
  std::string method;             // the way that won
  double sm_mhz = 0;              // measured on the device, beside the samples (clock64 against %globaltimer)
  double watts = 0, celsius = 0;  // medians of readings during the samples
  std::vector<std::string> throttle_reasons;  // every one seen during the samples
  std::string absent;
  std::vector<GpuMethod> methods;
};

struct GpuPeaks {
  std::string device, pci_bus_id;  // as CUDA names it
  int multiprocessors = 0;
  std::uint64_t l2_bytes = 0, shared_per_block_bytes = 0;
  std::string cuda;    // of the build: "13.0"
  std::string cublas;  // version of cuBLASLt, or why there is none
  std::vector<GpuFigure> figures;
  std::string when;  // UTC

  const GpuFigure* find(const std::string& name) const {
    for (const auto& f : figures)
      if (f.name == name) return &f;
    return nullptr;
  }
};

}  // namespace aisp::device
