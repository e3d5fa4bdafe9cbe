#include "analysis/publishable.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace aisp::analysis {
namespace {

bool has(const model::VariantEvidence& v, const char* protection) {
  return std::any_of(v.sandbox.begin(), v.sandbox.end(),
                     [&](const auto& p) { return p.name == protection && p.present; });
}

// The clock of the cores that were timed.
void check_cpu_clock(const model::HostState& b, const model::HostState& a, std::vector<std::string>& reasons) {
  if (b.mhz <= 0 || a.mhz <= 0)
    reasons.emplace_back("CPU clock unknown");
  else if (b.mhz_source == "estimated" || a.mhz_source == "estimated")
    reasons.emplace_back("CPU clock only estimated");
  if (b.mhz > 0 && a.mhz > 0 && std::abs(a.mhz - b.mhz) > kClockDrift * b.mhz)
    reasons.push_back(fmt::format("CPU clock changed from {:.0f} to {:.0f} MHz", b.mhz, a.mhz));
  if (b.governor.empty())
    reasons.emplace_back("CPU governor unknown");
  else if (b.governor != "performance")
    reasons.push_back("CPU governor is '" + b.governor + "', not 'performance'");
}

// Slowed down by something else than having nothing to do.
bool throttled(const std::string& reason) { return reason != "gpu_idle" && reason != "applications_clocks_setting"; }

void check_gpu(const model::TargetEvidence& e, std::vector<std::string>& reasons) {
  if (!e.gpu_before || !e.gpu_after || e.gpu_after->sm_mhz <= 0) {
    reasons.emplace_back("GPU clocks and throttling unknown: NVML tells nothing");
    return;
  }
  for (const auto& reason : e.gpu_after->throttle_reasons)
    if (throttled(reason)) reasons.push_back("the GPU was slowed down: " + reason);
  if (e.gpu_after->ecc_uncorrected > e.gpu_before->ecc_uncorrected)
    reasons.push_back(fmt::format("{:.0f} uncorrected ECC errors of the GPU during the run",
                                  e.gpu_after->ecc_uncorrected - std::max(0.0, e.gpu_before->ecc_uncorrected)));
}

}  // namespace

std::vector<std::string> unpublishable_reasons(const model::TargetEvidence& e) {
  std::vector<std::string> reasons;
  const auto& b = e.before;
  const auto& a = e.after;
  if (!b.hypervisor.empty()) reasons.push_back("virtual machine (" + b.hypervisor + ")");
  if (b.load1 > kLoad) reasons.push_back(fmt::format("load average {:.2f} before the run", b.load1));
  if (a.foreign_cpu > kForeignShare)
    reasons.push_back(
        fmt::format("other processes used {:.0f} % of the timed cores during the run", 100 * a.foreign_cpu));
  if (e.device == "cpu")
    check_cpu_clock(b, a, reasons);
  else
    check_gpu(e, reasons);
  if (a.swap_in_pages > b.swap_in_pages || a.swap_out_pages > b.swap_out_pages)
    reasons.push_back(fmt::format("memory.swap: {} pages swapped in and {} out during the run",
                                  a.swap_in_pages - b.swap_in_pages, a.swap_out_pages - b.swap_out_pages));
  for (const auto& v : e.variants) {
    if (v.status == model::Status::not_run) continue;
    if (!has(v, "seccomp")) reasons.push_back(v.name + " ran without a system-call filter");
    if (!has(v, "landlock") && !has(v, "private-root"))
      reasons.push_back(v.name + " ran without a file-system boundary");
  }
  if (e.restarts < 2) reasons.emplace_back("one process start only: memory layout is not averaged over");
  if (e.interrupted) reasons.emplace_back("interrupted");
  return reasons;
}

}  // namespace aisp::analysis
