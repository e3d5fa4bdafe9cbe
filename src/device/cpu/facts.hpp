// What this machine is, and how it is doing: topology (hwloc), clocks, counters (perf_event), ceilings.
// A fact that the system does not give is "" or 0, never a guess.
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

// One logical processor and where it sits. Processors with the same `core` are SMT siblings.
struct LogicalCpu {
  int cpu = 0;   // the kernel's number
  int core = 0;  // machine-wide number of the physical core
  int numa_node = 0;
  int efficiency = 0;  // rank of the core's kind on hybrid processors; higher is faster
};

struct CpuFacts {
  std::string model, vendor, microcode, kernel, os, hypervisor;  // hypervisor: "" = none seen
  int packages = 0, cores = 0, logical = 0, numa_nodes = 0;
  std::vector<LogicalCpu> cpus;    // by kernel number; those that this container may use
  std::vector<CacheLevel> caches;  // per core, L1d first
  std::vector<std::string> isa;    // "avx2", "avx512f", "amx_tile", … as /proc/cpuinfo names them
  std::uint64_t memory_bytes = 0, memory_available_bytes = 0;
  double cgroup_cpu_limit = 0;            // cores; 0 = none
  std::uint64_t cgroup_memory_limit = 0;  // bytes; 0 = none
  std::string governor;                   // of the first allowed cpu: "performance", "schedutil", …
  std::string turbo;                      // "on" | "off"
  std::string thp;                        // "always" | "madvise" | "never"
  std::string smt;                        // "on" | "off" | "notsupported" | …, as the kernel says
  std::string aslr;                       // "full" | "partial" | "off"
  std::string swap;                       // "none", or "/dev/sda2 8191 MiB, 12 MiB used; …"
  std::vector<int> allowed_cpus;          // this process's affinity
};
CpuFacts cpu_facts();
// How many threads can run at once: the processors of the affinity, or whole cores of the quota where those are fewer.
// At least 1.
int usable_cpus(const CpuFacts&);
std::string hypervisor_name();  // as in CpuFacts
// Names of the variables that would tell hwloc about another machine than this one: cpu_facts() does not believe them.
std::vector<std::string> ignored_variables();

// Cores for one run: the judge's own, and the workers' (disjoint physical cores where there are enough).
struct Placement {
  int judge_cpu = -1;            // −1: shares the workers' cores
  std::vector<int> worker_cpus;  // as many as the widest variant has threads, or all allowed ones if there are fewer
  bool spin = true;              // false: too few cores to spin while the worker computes; wait in futex
};
// Pure. Workers get distinct physical cores of the fastest kind, on one NUMA node where one is large enough, and stay
// off the judge's core, which is the lowest one: interrupts and housekeeping tend to land there.
Placement place(const CpuFacts&, int worker_threads);
void pin_this_thread(const std::vector<int>& cpus);  // throws std::system_error

// load, clock, swap counters, governor and hypervisor now; foreign_cpu stays 0 (see CpuUse).
model::HostState host_state(const std::vector<int>& timed_cpus);

// Foreign use of some cpus takes two snapshots:
//   const CpuUse before = cpu_use(cpus, pids);  …the run…
//   state.foreign_cpu = foreign_share(before, cpu_use(cpus, pids));
struct CpuUse {
  double at_seconds = 0;    // CLOCK_MONOTONIC
  double busy_seconds = 0;  // of all given cpus by anyone, including time stolen by the hypervisor
  double own_seconds = 0;   // CPU time of the given processes and of this process's children that ended
  int cpus = 0;
};
// `own_pids`: those of our processes that run on these cpus. Ticks of /proc/stat are 10 ms, so snapshots should lie
// at least half a second apart.
CpuUse cpu_use(const std::vector<int>& cpus, const std::vector<int>& own_pids);
// Share (0 … 1) of the cpus' time between the snapshots that was neither idle nor ours.
double foreign_share(const CpuUse& before, const CpuUse& after);

// Last-level cache in bytes as one core sees it.
std::uint64_t llc_bytes(const CpuFacts&);

// Hardware and software counters of another process: cycles, instructions, cache-misses, branch-misses, page-faults,
// context-switches. Those that the system does not give are left out and named in `why_absent`, with the reason;
// nullptr when there is none at all.
class Counters {
 public:
  static std::unique_ptr<Counters> attach(int pid, std::string& why_absent);
  virtual ~Counters() = default;
  virtual void enable() = 0;
  virtual void disable() = 0;
  virtual std::vector<model::Counter> read() const = 0;  // totals since attach
};

// Measured ceilings of one thread, the best of many short samples. 0 = not known for this processor (AMX tiles and
// AVX512-FP16 are not measured, so where they exist bf16, f16 and i8 have no bound).
struct CpuPeaks {
  // Operations per second, a multiply-add counts as two (i32: adds). Chains of multiply-adds alone: a core with
  // separate add pipes can do up to 1.5 times as many when it also adds.
  double flops_f32 = 0, flops_f64 = 0, flops_bf16 = 0, flops_f16 = 0, ops_i8 = 0, ops_i32 = 0;
  struct Bandwidth {
    std::uint64_t working_set;  // bytes of all arrays together
    double bytes_per_second;
  };
  std::vector<Bandwidth> bandwidth;  // best of read, copy and add (bytes read + written), by working set
  std::string when;                  // UTC; "" when measured in less than a second, beside a run
};
// Takes about `seconds_budget`, and as long again as the page faults of four last-level caches.
CpuPeaks measure_peaks(double seconds_budget);
// Ceilings of one thread when `threads` of them share the working set evenly; the floor multiplies by the threads that
// a variant has. Bounds from above: a bandwidth is that of half the thread's working set, so that a cache that holds
// part of it counts as if it held all, and memory is taken to scale with threads.
model::Ceilings ceilings_for(const CpuPeaks&, const std::string& arithmetic, std::uint64_t working_set, int threads);

}  // namespace aisp::device
