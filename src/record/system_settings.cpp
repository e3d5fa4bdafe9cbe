#include "record/system_settings.hpp"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string_view>

namespace aisp::record {
namespace {
namespace fs = std::filesystem;

constexpr std::size_t kLongest = 4096;  // bytes of one file

std::string first_line(const fs::path& file) {
  std::string line;
  std::ifstream in(file);
  std::getline(in, line);
  return line.substr(0, kLongest);
}

// Of the boot parameters those that move timings; the others (names of disks and machines) are nobody's business.
std::string boot_parameters(const fs::path& file) {
  constexpr std::string_view kinds[] = {"amd_pstate",
                                        "clocksource",
                                        "hugepages",
                                        "idle",
                                        "intel_idle",
                                        "intel_pstate",
                                        "iommu",
                                        "irqaffinity",
                                        "isolcpus",
                                        "mitigations",
                                        "no_hz",
                                        "nohz",
                                        "nosmt",
                                        "numa",
                                        "preempt",
                                        "processor",
                                        "rcu_nocbs",
                                        "threadirqs",
                                        "transparent_hugepage",
                                        "tsc"};
  std::istringstream words(first_line(file));
  std::string kept;
  for (std::string word; words >> word;)
    if (std::any_of(std::begin(kinds), std::end(kinds), [&](auto kind) { return word.starts_with(kind); }))
      kept += (kept.empty() ? "" : " ") + word;
  return kept;
}

// What the kernel does against the processor's flaws; those that the processor does not have are left out.
std::string mitigations(const fs::path& folder) {
  std::vector<std::string> found;
  std::error_code error;
  for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error))
    if (const auto state = first_line(it->path()); !state.empty() && state != "Not affected")
      found.push_back(it->path().filename().string() + ": " + state);
  std::sort(found.begin(), found.end());
  std::string text;
  for (const auto& one : found) text += (text.empty() ? "" : "; ") + one;
  return text;
}

}  // namespace

std::vector<Setting> system_settings(const fs::path& root) {
  const auto cpu = root / "sys/devices/system/cpu", kernel = root / "proc/sys/kernel";
  return {{"boot parameters", boot_parameters(root / "proc/cmdline")},
          {"clocksource", first_line(root / "sys/devices/system/clocksource/clocksource0/current_clocksource")},
          {"isolated cpus", first_line(cpu / "isolated")},
          {"tickless cpus", first_line(cpu / "nohz_full")},
          {"mitigations", mitigations(cpu / "vulnerabilities")},
          {"numa_balancing", first_line(kernel / "numa_balancing")},
          {"perf_event_paranoid", first_line(kernel / "perf_event_paranoid")},
          {"sched_rt_runtime_us", first_line(kernel / "sched_rt_runtime_us")},
          {"swappiness", first_line(root / "proc/sys/vm/swappiness")}};
}

}  // namespace aisp::record
