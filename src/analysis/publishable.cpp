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
  if (b.mhz <= 0 || a.mhz <= 0)
    reasons.push_back("CPU clock unknown");
  else if (b.mhz_source == "estimated" || a.mhz_source == "estimated")
    reasons.push_back("CPU clock only estimated");
  if (b.mhz > 0 && a.mhz > 0 && std::abs(a.mhz - b.mhz) > kClockDrift * b.mhz)
    reasons.push_back(fmt::format("CPU clock changed from {:.0f} to {:.0f} MHz", b.mhz, a.mhz));
  if (b.governor.empty())
    reasons.push_back("CPU governor unknown");
  else if (b.governor != "performance")
    reasons.push_back("CPU governor is '" + b.governor + "', not 'performance'");
  if (a.swap_in_pages > b.swap_in_pages || a.swap_out_pages > b.swap_out_pages)
    reasons.push_back(fmt::format("memory.swap: {} pages swapped in and {} out during the run",
                                  a.swap_in_pages - b.swap_in_pages, a.swap_out_pages - b.swap_out_pages));
  for (const auto& v : e.variants) {
    if (v.status == model::Status::not_run) continue;
    if (!has(v, "seccomp")) reasons.push_back(v.name + " ran without a system-call filter");
    if (!has(v, "landlock") && !has(v, "private-root"))
      reasons.push_back(v.name + " ran without a file-system boundary");
  }
  if (e.restarts < 2) reasons.push_back("one process start only: memory layout is not averaged over");
  if (e.interrupted) reasons.push_back("interrupted");
  return reasons;
}

}  // namespace aisp::analysis
