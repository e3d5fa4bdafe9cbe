#include "app/environment.hpp"

#include "app/output.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>

namespace aisp::app {
namespace {

using State = EnvironmentCheck::State;

State judged(const std::string& found, bool good) {
  return found.empty() ? State::unknown : good ? State::good : State::bad;
}

std::string or_unknown(const std::string& found) { return found.empty() ? "not visible" : found; }

}  // namespace

EnvironmentFacts read_environment_facts() {
  EnvironmentFacts facts;
  std::ifstream("/proc/sys/kernel/perf_event_paranoid") >> facts.perf_event_paranoid;
  std::ifstream("/proc/loadavg") >> facts.load1;
  return facts;
}

std::vector<EnvironmentCheck> check_environment(const device::CpuFacts& cpu, const EnvironmentFacts& facts) {
  std::vector<EnvironmentCheck> checks;
  const auto add = [&](std::string setting, const std::string& found, bool good, std::string wanted, std::string why,
                       std::string command) {
    const State state = judged(found, good);
    checks.push_back({std::move(setting), state, or_unknown(found), std::move(wanted), std::move(why),
                      state == State::good ? "" : std::move(command)});
  };

  add("hypervisor", cpu.hypervisor.empty() ? "none" : cpu.hypervisor, cpu.hypervisor.empty(), "none",
      "other guests take time that this one cannot see",
      "run on bare metal to publish; --allow-virtualization accepts it and says so in the result");
  add("governor", cpu.governor, cpu.governor == "performance", "performance", "the clock follows the load",
      "sudo cpupower frequency-set -g performance");
  add("turbo", cpu.turbo, cpu.turbo == "off", "off", "the clock depends on temperature and on other cores",
      cpu.vendor == "GenuineIntel" ? "echo 1 | sudo tee /sys/devices/system/cpu/intel_pstate/no_turbo"
                                   : "echo 0 | sudo tee /sys/devices/system/cpu/cpufreq/boost");
  add("SMT", cpu.smt, cpu.smt != "on", "off", "a sibling thread shares the core's units and caches",
      "echo off | sudo tee /sys/devices/system/cpu/smt/control");
  add("huge pages", cpu.thp, cpu.thp == "madvise" || cpu.thp == "never", "madvise",
      "pages merged in the background change the time of the same code",
      "echo madvise | sudo tee /sys/kernel/mm/transparent_hugepage/enabled");
  add("swap", cpu.swap, cpu.swap == "none", "none", "pages that went to disk come back inside a timed call",
      "sudo swapoff -a");
  add("ASLR", cpu.aslr, cpu.aslr == "full", "full",
      "one fixed layout turns an accident of alignment into a result; restarts average over layouts",
      "sudo sysctl kernel.randomize_va_space=2");
  const double share = facts.load1 / std::max(1, cpu.logical);
  add("load", fmt::format("{:.2f} on {} logical processors", facts.load1, cpu.logical), share < 0.2,
      "below 0.2 a processor", "other work takes cores, caches and memory bandwidth", "stop other work; see top");
  add("cgroup cpu limit", cpu.cgroup_cpu_limit > 0 ? fmt::format("{:.3g} cores", cpu.cgroup_cpu_limit) : "none",
      cpu.cgroup_cpu_limit <= 0, "none", "threads are stopped when the quota of a period is spent",
      "start the container without --cpus; pin it with --cpuset-cpus instead");
  add("cgroup memory limit",
      cpu.cgroup_memory_limit ? human_bytes(static_cast<double>(cpu.cgroup_memory_limit)) : "none",
      cpu.cgroup_memory_limit == 0 || cpu.cgroup_memory_limit >= (std::uint64_t{4} << 30), "none, or at least 4 GiB",
      "reclaim runs inside timed calls when the limit is near", "start the container with a larger --memory");
  const std::string& paranoid = facts.perf_event_paranoid;
  add("perf_event_paranoid", paranoid, !paranoid.empty() && std::atoi(paranoid.c_str()) <= 1, "1 or less",
      "hardware counters are refused, so a result cannot say why it is fast",
      "sudo sysctl kernel.perf_event_paranoid=1");
  return checks;
}

}  // namespace aisp::app
