#include "analysis/gpu_ceilings.hpp"

#include "analysis/dtype_name.hpp"

#include <algorithm>

namespace aisp::analysis {
namespace {

// Payload of one direction of a PCIe link: transfers a second of one lane, times lanes, times the line code.
double pcie_bytes_per_second(int generation, int width) {
  constexpr double kTransfers[] = {0, 2.5e9, 5e9, 8e9, 16e9, 32e9, 64e9};
  if (generation < 1 || generation > 6) return 0;
  const double code = generation <= 2 ? 8.0 / 10 : generation <= 5 ? 128.0 / 130 : 242.0 / 256;
  return kTransfers[generation] / 8 * width * code;
}

}  // namespace

void add_theory(device::GpuPeaks& peaks, const GpuSpec* spec, const device::GpuFacts& facts) {
  for (auto& f : peaks.figures) {
    const auto set = [&](double value, std::string_view source) {
      if (value > 0) f.theoretical = value, f.theoretical_source = source;
    };
    if (f.name == "h2d_pinned" || f.name == "d2h_pinned")
      set(pcie_bytes_per_second(facts.max_pcie_generation, facts.max_pcie_width),
          "PCI Express base specification, link of " + std::to_string(facts.max_pcie_width) + " lanes of generation " +
              std::to_string(facts.max_pcie_generation));
    if (f.name == "shared_read")
      set(peaks.multiprocessors * facts.max_sm_mhz * 1e6 * 128,
          "32 banks of 4 bytes a clock and multiprocessor at the highest SM clock (CUDA C++ Programming Guide)");
    if (!spec) continue;
    if (f.name == "copy" || f.name == "read" || f.name == "write") set(spec->bandwidth.value, spec->bandwidth.source);
    if (f.name == "p2p") set(spec->nvlink.value, spec->nvlink.source);
    if (f.name == "p2p_both_ways") set(2 * spec->nvlink.value, spec->nvlink.source);
    if (f.unit != "op/s") continue;
    for (const auto& number : numbers(*spec))
      if (number.key == f.name) set(number.number.value, number.number.source);
  }
}

model::Ceilings gpu_ceilings(const device::GpuPeaks& peaks, const GpuSpec* spec, double max_sm_mhz,
                             const std::string& arithmetic, std::uint64_t working_set) {
  const auto best = [&](const std::string& name) {  // the highest sample, not the median: a bound from above
    const auto* f = peaks.find(name);
    return f ? std::max(f->value, f->hi) : 0;
  };
  model::Ceilings c;
  if (arithmetic == "f64")
    c.flops = std::max(best("f64"), best("f64_matrix"));
  else if (arithmetic == "f8e4m3" || arithmetic == "f8e5m2")
    c.flops = best("f8");
  else if (arithmetic == "f32")  // inputs may be rounded to TF32 where the tolerance allows it
    c.flops = std::max(best("f32"), best("tf32"));
  else if (!arithmetic.empty())
    c.flops = best(arithmetic == "u8" ? "i8" : arithmetic);
  if (spec) c.flops = std::max(c.flops, rate_at(*spec, arithmetic == "f32" ? "tf32" : arithmetic, max_sm_mhz * 1e6));
  for (const char* name : {"copy", "read", "write"}) c.bytes = std::max(c.bytes, best(name));
  if (working_set <= peaks.l2_bytes) c.bytes = std::max(c.bytes, best("l2_read"));
  const bool vendors_bytes = spec && c.bytes == 0;
  if (vendors_bytes) c.bytes = spec->bandwidth.value;
  if (!peaks.when.empty()) c.source = "bench peak " + peaks.when;
  if (spec && (c.flops > 0 || vendors_bytes))
    c.source += (c.source.empty() ? "" : ", ") + ("rates of " + std::string(spec->name));
  return c;
}

model::Ceilings gpu_ceilings(const device::GpuPeaks& peaks, const GpuSpec* spec, double max_sm_mhz,
                             const model::TargetEvidence& e, std::uint64_t working_set) {
  const auto size = [](const std::string& dtype) {  // of an element; 0: not floating-point
    const auto t = dtype_named(dtype);
    return t && is_float(*t) ? info(*t).size : 0;
  };
  std::string narrowest = e.arithmetic;
  for (const auto& t : e.tensors)
    if (size(t.dtype) > 0 && size(t.dtype) < size(narrowest)) narrowest = t.dtype;
  auto c = gpu_ceilings(peaks, spec, max_sm_mhz, narrowest, working_set);
  if (narrowest != e.arithmetic) c.arithmetic = narrowest;
  return c;
}

}  // namespace aisp::analysis
