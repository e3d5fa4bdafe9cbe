#include "analysis/publishable.hpp"

#include "stats/stats.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace aisp::analysis {
namespace {

class Reasons {
 public:
  void add(const char* issue, std::string text, bool by_hypervisor = false) {
    all.push_back({issue, std::move(text), by_hypervisor});
  }
  std::vector<Condition> all;
};

constexpr const char* kBoost = "environment.frequency_boost";
constexpr const char* kGovernor = "environment.cpu_governor";
constexpr const char* kThermal = "environment.thermal_throttling";
constexpr const char* kPower = "environment.power_limit";
constexpr const char* kNoise = "statistical.background_noise";
constexpr const char* kVirtualization = "environment.virtualization";

bool has(const model::VariantEvidence& v, const char* protection) {
  return std::any_of(v.sandbox.begin(), v.sandbox.end(),
                     [&](const auto& p) { return p.name == protection && p.present; });
}

// The clock of the cores that were timed.
void check_cpu_clock(const model::HostState& b, const model::HostState& a, Reasons& reasons) {
  const bool guest = !b.hypervisor.empty();
  if (b.mhz <= 0 || a.mhz <= 0)
    reasons.add(kBoost, "CPU clock unknown", guest);
  else if (b.mhz_source == "estimated" || a.mhz_source == "estimated")
    reasons.add(kBoost, "CPU clock only estimated", guest);
  if (b.mhz > 0 && a.mhz > 0 && std::abs(a.mhz - b.mhz) > kClockDrift * b.mhz)
    reasons.add(kBoost, fmt::format("CPU clock changed from {:.0f} to {:.0f} MHz", b.mhz, a.mhz));
  if (b.governor.empty())
    reasons.add(kGovernor, "CPU governor unknown", guest);
  else if (b.governor != "performance")
    reasons.add(kGovernor, "CPU governor is '" + b.governor + "', not 'performance'");
}

// A batch of a few ticks says more about the clock than about the variant. The judge plans batches: no violation.
void check_batches(const model::TargetEvidence& e, const model::VariantEvidence& v, Reasons& reasons) {
  std::vector<double> batches;
  for (const auto& s : v.samples) batches.push_back(s.seconds);
  if (batches.empty()) return;
  const double batch = stats::median(batches);
  if (batch < kLeastTicks * e.clock_resolution_seconds)
    reasons.add("timing.timer_granularity",
                fmt::format("a batch of '{}' takes {:.3g} µs, less than {:g} ticks of the clock", v.name, 1e6 * batch,
                            kLeastTicks));
  else if (batch < kLeastHandovers * e.handover_seconds)
    reasons.add("timing.timer_granularity",
                fmt::format("a batch of '{}' takes {:.3g} µs, and {:.3g} µs more to be started and stopped", v.name,
                            1e6 * batch, 1e6 * e.handover_seconds));
}

// Slowed down by something else than having nothing to do.
bool throttled(const std::string& reason) { return reason != "gpu_idle" && reason != "applications_clocks_setting"; }

void check_gpu(const model::TargetEvidence& e, Reasons& reasons) {
  if (!e.gpu_before || !e.gpu_after || e.gpu_after->sm_mhz <= 0) {
    reasons.add(kThermal, "GPU clocks and throttling unknown: NVML tells nothing");
    return;
  }
  for (const auto& reason : e.gpu_after->throttle_reasons)
    if (throttled(reason))
      reasons.add(reason.find("power") != reason.npos ? kPower : kThermal, "the GPU was slowed down: " + reason);
  if (e.gpu_after->power_limit_watts != e.gpu_before->power_limit_watts)
    reasons.add(kPower, fmt::format("the GPU's power limit changed from {:.0f} to {:.0f} W",
                                    e.gpu_before->power_limit_watts, e.gpu_after->power_limit_watts));
  if (e.gpu_after->ecc_uncorrected > e.gpu_before->ecc_uncorrected)
    reasons.add("", fmt::format("{:.0f} uncorrected ECC errors of the GPU during the run",
                                e.gpu_after->ecc_uncorrected - std::max(0.0, e.gpu_before->ecc_uncorrected)));
}

}  // namespace

std::vector<Condition> conditions(const model::TargetEvidence& e) {
  Reasons reasons;
  const auto& b = e.before;
  const auto& a = e.after;
  if (!b.hypervisor.empty()) reasons.add(kVirtualization, "virtual machine (" + b.hypervisor + ")", true);
  if (b.load1 > kLoad) reasons.add(kNoise, fmt::format("load average {:.2f} before the run", b.load1));
  if (a.foreign_cpu > kForeignShare)
    reasons.add(kNoise,
                fmt::format("other processes used {:.0f} % of the timed cores during the run", 100 * a.foreign_cpu));
  if (e.device == "cpu")
    check_cpu_clock(b, a, reasons);
  else
    check_gpu(e, reasons);
  if (a.swap_in_pages > b.swap_in_pages || a.swap_out_pages > b.swap_out_pages)
    reasons.add("memory.swap", fmt::format("memory.swap: {} pages swapped in and {} out during the run",
                                           a.swap_in_pages - b.swap_in_pages, a.swap_out_pages - b.swap_out_pages));
  if (a.throttled_seconds - b.throttled_seconds > kThrottled)
    reasons.add("environment.container_limits", fmt::format("the quota of the cgroup stopped the run for {:.3g} s",
                                                            a.throttled_seconds - b.throttled_seconds));
  if (std::abs(e.clock_drift) > kClocksApart)
    reasons.add("timing.clock_drift",
                fmt::format("two clocks of this machine disagree by {:.3g} %", 100 * std::abs(e.clock_drift)));
  for (const auto& v : e.variants) check_batches(e, v, reasons);
  for (const auto& v : e.variants) {
    if (v.status == model::Status::not_run) continue;
    if (!has(v, "seccomp")) reasons.add("", v.name + " ran without a system-call filter");
    if (!has(v, "landlock") && !has(v, "private-root")) reasons.add("", v.name + " ran without a file-system boundary");
  }
  if (e.restarts < 2) reasons.add("", "one process start only: memory layout is not averaged over");
  if (e.interrupted) reasons.add("", "interrupted");
  return std::move(reasons.all);
}

std::vector<std::string> unpublishable_reasons(const model::TargetEvidence& e, Accepted accepted) {
  std::vector<std::string> texts;
  for (auto& condition : conditions(e))
    if (!accepted.virtualization || !condition.by_hypervisor) texts.push_back(std::move(condition.text));
  return texts;
}

std::vector<std::string> foreign_load(const model::TargetEvidence& e) {
  std::vector<std::string> lines;
  for (auto& condition : conditions(e))
    if (condition.issue == kNoise) lines.push_back(std::move(condition.text));
  return lines;
}

}  // namespace aisp::analysis
