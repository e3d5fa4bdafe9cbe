// What Nsight Compute measured, from its CSV, and the roofline of its kernels with the work that their author declares.
#pragma once

#include "analysis/gpu_table.hpp"
#include "analysis/roofline.hpp"
#include "device/gpu/peaks.hpp"
#include "model/profile.hpp"

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
// ncu itself ("==PROF== …") are skipped. Throws std::runtime_error with one line; no kernel at all is an error, and so
// are counters that this user may not read (ERR_NVGPUCTRPERM), which the line says how to allow. So are numbers that
// can be read in two ways (written_number.hpp), and a time or a size that is none. `c_locale`: it was written under
// LC_ALL=C, so a comma in a number stands between groups.
std::vector<NcuKernel> parse_ncu_csv(std::string_view text, bool c_locale = false);

// Time and traffic of a launch from whichever of ncu's metrics are there; 0 = none of them. Reads without writes, or
// writes without reads, are no traffic: ncu_dram_gap() names what is missing, "" when nothing is.
double ncu_seconds(const NcuKernel&);
double ncu_dram_bytes(const NcuKernel&);
std::string ncu_dram_gap(const NcuKernel&);
double ncu_l2_bytes(const NcuKernel&);

// The metrics that a level of profiling asks ncu for, the same for every variant: "minimal", "roofline", "deep_dive".
const std::vector<std::string>& ncu_metrics(const std::string& level);

// What ncu measured of `calls` calls, for a profile: the kernels, and what they add up to in one call. Counts and bytes
// are summed; shares are means, weighted by the time of the kernels.
void add_measured(const std::vector<NcuKernel>&, int calls, model::VariantProfile&);

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
