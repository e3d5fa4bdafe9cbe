// What this machine is, and how it is doing: topology (hwloc), clocks, counters (perf_event), ceilings.
#pragma once

#include "model/evidence.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace aisp::device {

struct CacheLevel {
  int level = 0;
  std::uint64_t bytes = 0;
  int shared_by = 1;  // logical processors
};

struct CpuFacts {
  std::string model, vendor, microcode, kernel, os, hypervisor;  // hypervisor: "" = none seen
  int packages = 0, cores = 0, logical = 0, numa_nodes = 0;
  std::vector<CacheLevel> caches;  // per core, L1d first
  std::vector<std::string> isa;    // "avx2", "avx512f", "amx-tile", …
  std::uint64_t memory_bytes = 0, memory_available_bytes = 0;
  double cgroup_cpu_limit = 0;            // cores; 0 = none
  std::uint64_t cgroup_memory_limit = 0;  // bytes; 0 = none
  std::string governor, turbo, thp, smt, aslr, swap;
  std::vector<int> allowed_cpus;  // this process's affinity
};
CpuFacts cpu_facts();

// Cores for one run: the judge's own, and the workers' (disjoint physical cores where there are enough).
struct Placement {
  int judge_cpu = -1;            // −1: shares the workers' cores
  std::vector<int> worker_cpus;  // as many as the widest variant has threads
  bool spin = true;              // false: too few cores to spin while the worker computes; wait in futex
};
Placement place(const CpuFacts&, int worker_threads);
void pin_this_thread(const std::vector<int>& cpus);  // throws std::system_error

model::HostState host_state(const std::vector<int>& timed_cpus);

// Last-level cache in bytes as one core sees it.
std::uint64_t llc_bytes(const CpuFacts&);

// Hardware counters of another process. Absent ones are left out; `why_absent` says why when there is none.
class Counters {
 public:
  static std::unique_ptr<Counters> attach(int pid, std::string& why_absent);
  virtual ~Counters() = default;
  virtual void enable() = 0;
  virtual void disable() = 0;
  virtual std::vector<model::Counter> read() const = 0;  // totals since attach
};

// Measured ceilings of one thread. `working_set` picks the level that the bandwidth is of.
struct CpuPeaks {
  double flops_f32 = 0, flops_f64 = 0, ops_i8 = 0;  // per second, one thread
  struct Bandwidth {
    std::uint64_t working_set;
    double bytes_per_second;
  };
  std::vector<Bandwidth> bandwidth;  // best of read and copy (read + written bytes), one thread
  std::string when;                  // UTC
};
CpuPeaks measure_peaks(double seconds_budget);
model::Ceilings ceilings_for(const CpuPeaks&, const std::string& arithmetic, std::uint64_t working_set, int threads);

}  // namespace aisp::device
