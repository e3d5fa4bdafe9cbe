#include "device/cpu/facts.hpp"

#include <pthread.h>
#include <sched.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <stdexcept>
#include <system_error>

namespace aisp::device {
namespace {

struct Core {
  LogicalCpu first;       // its lowest logical processor
  std::vector<int> cpus;  // all allowed ones: SMT siblings
};

// Physical cores with at least one processor that this process may use, lowest cpu number first.
std::vector<Core> allowed_cores(const CpuFacts& facts) {
  std::vector<LogicalCpu> cpus;
  for (const auto& cpu : facts.cpus)
    if (std::find(facts.allowed_cpus.begin(), facts.allowed_cpus.end(), cpu.cpu) != facts.allowed_cpus.end())
      cpus.push_back(cpu);
  if (cpus.empty())  // no topology: take every allowed processor for a core of its own
    for (int cpu : facts.allowed_cpus) cpus.push_back({.cpu = cpu, .core = cpu});
  std::sort(cpus.begin(), cpus.end(), [](auto& a, auto& b) { return a.cpu < b.cpu; });
  std::vector<Core> cores;
  for (const auto& cpu : cpus) {
    const auto same = std::find_if(cores.begin(), cores.end(), [&](auto& c) { return c.first.core == cpu.core; });
    if (same == cores.end())
      cores.push_back({.first = cpu, .cpus = {cpu.cpu}});
    else
      same->cpus.push_back(cpu.cpu);
  }
  return cores;
}

// Fastest kind first; among those, a NUMA node that holds all threads, the judge's own if it does.
void sort_by_preference(std::vector<Core>& cores, int threads, int judge_node) {
  int fastest = 0;
  for (const auto& core : cores) fastest = std::max(fastest, core.first.efficiency);
  std::map<int, int> free_on_node;
  for (const auto& core : cores) free_on_node[core.first.numa_node] += core.first.efficiency == fastest;
  int home = judge_node;
  if (free_on_node[home] < threads)
    for (const auto& [node, free] : free_on_node)
      if (free > free_on_node[home]) home = node;
  std::stable_sort(cores.begin(), cores.end(), [&](const Core& a, const Core& b) {
    if (a.first.efficiency != b.first.efficiency) return a.first.efficiency > b.first.efficiency;
    return (a.first.numa_node == home) > (b.first.numa_node == home);
  });
}

}  // namespace

int usable_cpus(const CpuFacts& facts) {
  const auto allowed = static_cast<int>(facts.allowed_cpus.size());
  const auto quota = facts.cgroup_cpu_limit > 0 ? static_cast<int>(std::min(facts.cgroup_cpu_limit, 1e6)) : allowed;
  return std::max(1, std::min(allowed, quota));
}

Placement place(const CpuFacts& facts, int worker_threads) {
  const auto threads = static_cast<std::size_t>(std::max(1, worker_threads));
  std::vector<Core> cores = allowed_cores(facts);
  if (cores.empty()) throw std::invalid_argument("no cpu is allowed to this process");
  auto at_once = static_cast<double>(cores.size());
  if (facts.cgroup_cpu_limit > 0) at_once = std::min(at_once, facts.cgroup_cpu_limit);

  Placement p;
  p.spin = at_once >= static_cast<double>(threads + 1);
  const int judge_node = cores.front().first.numa_node;
  if (cores.size() > threads) {  // under a cgroup limit the judge keeps its own core, but does not burn the quota
    p.judge_cpu = cores.front().first.cpu;
    cores.erase(cores.begin());
  }
  sort_by_preference(cores, static_cast<int>(threads), judge_node);
  for (std::size_t sibling = 0; p.worker_cpus.size() < threads; ++sibling) {  // siblings only when cores run out
    bool any = false;
    for (const auto& core : cores)
      if (sibling < core.cpus.size() && p.worker_cpus.size() < threads) {
        p.worker_cpus.push_back(core.cpus[sibling]);
        any = true;
      }
    if (!any) break;
  }
  return p;
}

void pin_this_thread(const std::vector<int>& cpus) {
  if (cpus.empty()) throw std::system_error(EINVAL, std::generic_category(), "cannot pin a thread to no cpu");
  const int size = *std::max_element(cpus.begin(), cpus.end()) + 1;
  cpu_set_t* set = CPU_ALLOC(size);
  const auto bytes = CPU_ALLOC_SIZE(size);
  CPU_ZERO_S(bytes, set);
  std::string list;
  for (int cpu : cpus) {
    if (cpu >= 0) CPU_SET_S(cpu, bytes, set);
    list += (list.empty() ? "" : ",") + std::to_string(cpu);
  }
  const int error = sched_setaffinity(0, bytes, set) ? errno : 0;  // 0: the calling thread
  CPU_FREE(set);
  if (error) throw std::system_error(error, std::generic_category(), "cannot pin this thread to cpus " + list);
}

}  // namespace aisp::device
