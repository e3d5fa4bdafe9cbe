// What Nsight Compute measured, from its CSV, and the roofline of its kernels with the work that their author declares.
#pragma once

#include "analysis/gpu_table.hpp"
#include "analysis/roofline.hpp"
#include "device/gpu/peaks.hpp"

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace aisp::analysis {

// One kernel, all of its launches: each metric's median, in base units (s, B, counts).
struct NcuKernel {
  std::string name;
  int launches = 0;
  std::map<std::string, double> metrics;
  double metric(const std::string& key) const {  // 0 = not measured
    const auto it = metrics.find(key);
    return it == metrics.end() ? 0 : it->second;
  }
};

// Both layouts of `ncu --csv`: one line a metric, or (`--page raw`) one line a launch below a line of units; lines of
// ncu itself ("==PROF== …") before the header are skipped. Throws std::runtime_error with one line; no kernel at all is
// an error.
std::vector<NcuKernel> parse_ncu_csv(std::string_view text);

// Time and traffic of a launch from whichever of ncu's metrics are there; 0 = none of them.
double ncu_seconds(const NcuKernel&);
double ncu_dram_bytes(const NcuKernel&);
double ncu_l2_bytes(const NcuKernel&);

// The metrics that `--profile roofline` asks ncu for.
const std::vector<std::string>& ncu_roofline_metrics();

// A row of the metadata: `name,flops,bytes` and, where it has these columns, l2_bytes, tmem_bytes, arithmetic, seconds.
struct KernelWork {
  std::string name;  // of the kernel, or a part of it
  double flops = 0, bytes = 0, l2_bytes = 0, tmem_bytes = 0, seconds = 0;
  std::string arithmetic{};  // "bf16", …; "" = f32
};
std::vector<KernelWork> parse_kernel_work(std::string_view csv);

struct DevicePeaks {
  std::string device;
  std::map<std::string, Roof> compute;  // by arithmetic
  std::optional<Roof> hbm, l2, tmem;
};
// Measured figures where there are some, else the vendor's; either may be null. No vendor tells L2 and TMEM rates.
DevicePeaks device_peaks(const GpuSpec*, const device::GpuPeaks*);

// Bytes are measured where ncu measured them, else declared.
Roofline ncu_roofline(const std::vector<NcuKernel>&, const std::vector<KernelWork>&, const DevicePeaks&);

}  // namespace aisp::analysis
