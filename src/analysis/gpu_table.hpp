// The one table of what NVIDIA's GPUs are said to do: dense peak rates and memory facts, each with its source. Whatever
// needs a theoretical peak takes it from here.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace aisp::analysis {

struct GpuNumber {
  double value = 0;         // 0 = the GPU has no such unit, or nobody published the number
  std::string_view source;  // document and year
  bool halved = false;      // the vendor prints the rate with 2:4 sparsity; this is half of it
  explicit operator bool() const { return value > 0; }
};

// Rates in operations per second (a multiply-add counts as two), dense, of the whole GPU at its boost clock, with the
// accumulator in f32 (f64, i32 where the type says so): what training and inference use.
struct GpuSpec {
  std::string_view name;                       // "H200"
  std::vector<std::string_view> driver_names;  // as NVML names it, without "NVIDIA "
  std::string_view compute_capability;
  GpuNumber multiprocessors;
  GpuNumber boost_hz;         // of the vector units
  GpuNumber matrix_boost_hz;  // that the vendor's matrix rates hold for
  GpuNumber f64, f64_matrix, f32, tf32, bf16, f16, i8, f8, f4;
  GpuNumber memory_bytes;  // as sold (decimal)
  GpuNumber bandwidth;     // B/s
  GpuNumber l2_bytes;
  GpuNumber shared_per_block_bytes;
  GpuNumber nvlink;  // B/s per direction, all links
  GpuNumber pcie_generation;
  GpuNumber tdp_watts;
};

struct NamedGpuNumber {
  std::string_view key;    // "bf16"
  std::string_view label;  // "BF16 matrix"
  std::string_view unit;   // "op/s", "B/s", "B", "Hz", "W", ""
  GpuNumber number;
};

std::span<const GpuSpec> gpu_specs();
// By the table's name or the driver's, in any spelling of case, spaces and dashes; "NVIDIA " may lead. `memory_bytes`
// tells cards of one driver name apart (0 = unknown). nullptr when there is none.
const GpuSpec* find_gpu(std::string_view name, double memory_bytes = 0);
std::vector<std::string> gpu_names();
// Every number of one GPU in the order of printing.
std::vector<NamedGpuNumber> numbers(const GpuSpec&);

// A bound from above for arithmetic of this type ("f32", "bf16", …; "" or unknown: 0) at an SM clock: rates grow with
// the clock, and a GPU in a short burst runs at its highest, above the one that a vendor's matrix rates hold for.
double rate_at(const GpuSpec&, std::string_view arithmetic, double sm_hz);

}  // namespace aisp::analysis
