#include "device/cpu/cgroup.hpp"
#include "device/cpu/facts.hpp"
#include "device/cpu/procfs.hpp"

#include <sched.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <exception>

namespace aisp::device {
namespace {

using procfs::read_text;

double seconds(const timespec& t) { return static_cast<double>(t.tv_sec) + 1e-9 * static_cast<double>(t.tv_nsec); }
double seconds(const timeval& t) { return static_cast<double>(t.tv_sec) + 1e-6 * static_cast<double>(t.tv_usec); }

double now() {
  timespec t{};
  clock_gettime(CLOCK_MONOTONIC, &t);
  return seconds(t);
}

// Clock of the core that this thread runs on, from a chain of multiplications, each of which waits for the one before:
// 3 cycles on every x86-64 core since 2008 (Agner Fog, Instruction tables, IMUL r64,r64). 0 on other architectures.
double estimated_mhz() {
#if defined(__x86_64__)
  constexpr int kMultiplies = 20000;
  double best = 0;
  for (int trial = 0; trial < 20; ++trial) {  // the fastest of 15 µs pieces: interrupts only slow them down
    std::uint64_t x = 3;
    const double start = now();
    for (int i = 0; i < kMultiplies; i += 10)
      asm volatile(
          "imul %0, %0\n imul %0, %0\n imul %0, %0\n imul %0, %0\n imul %0, %0\n"
          "imul %0, %0\n imul %0, %0\n imul %0, %0\n imul %0, %0\n imul %0, %0\n"
          : "+r"(x));
    const double elapsed = now() - start;
    if (elapsed > 0) best = std::max(best, 3e-6 * kMultiplies / elapsed);
  }
  return best;
#else
  return 0;
#endif
}

// Runs `work` on `cpu` where this thread may go there, else where it is.
template <class Work> void on_cpu(int cpu, Work work) {
  cpu_set_t before;
  const bool moved = sched_getaffinity(0, sizeof before, &before) == 0;
  if (moved) try {
      pin_this_thread({cpu});
    } catch (const std::exception&) {
    }
  work();
  if (moved) sched_setaffinity(0, sizeof before, &before);
}

void read_clock(model::HostState& state, int cpu) {
  const auto khz =
      procfs::integer(read_text("/sys/devices/system/cpu/cpu" + std::to_string(cpu) + "/cpufreq/scaling_cur_freq"));
  if (khz && *khz > 0) {
    state.mhz = static_cast<double>(*khz) / 1000;
    state.mhz_source = "cpufreq";
    return;
  }
  // Without the APERF/MPERF counters "cpu MHz" is the nominal rate of the time-stamp counter, not a clock.
  const auto cpuinfo = read_text("/proc/cpuinfo");
  const auto flags = " " + procfs::field(cpuinfo, "flags") + " ";
  const double mhz = procfs::cpuinfo_mhz(cpuinfo, cpu);
  if (mhz > 0 && flags.find(" aperfmperf ") != flags.npos) {
    state.mhz = mhz;
    state.mhz_source = "cpuinfo";
    return;
  }
  on_cpu(cpu, [&] { state.mhz = estimated_mhz(); });
  if (state.mhz > 0) state.mhz_source = "estimated";
}

}  // namespace

model::HostState host_state(const std::vector<int>& timed_cpus) {
  model::HostState state;
  double load[1] = {};
  if (getloadavg(load, 1) == 1) state.load1 = load[0];
  const auto vmstat = read_text("/proc/vmstat");
  state.swap_in_pages = procfs::integer(procfs::field(vmstat, "pswpin")).value_or(0);
  state.swap_out_pages = procfs::integer(procfs::field(vmstat, "pswpout")).value_or(0);
  const int cpu = timed_cpus.empty() ? sched_getcpu() : timed_cpus.front();
  state.governor = read_text("/sys/devices/system/cpu/cpu" + std::to_string(cpu) + "/cpufreq/scaling_governor");
  state.hypervisor = hypervisor_name();
  state.nice = getpriority(PRIO_PROCESS, 0);
  state.throttled_seconds = cgroup_limits(0).throttled_seconds;
  read_clock(state, cpu);
  return state;
}

CpuUse cpu_use(const std::vector<int>& cpus, const std::vector<int>& own_pids) {
  CpuUse use;
  const auto stat = read_text("/proc/stat");
  use.at_seconds = now();
  const double tick = 1.0 / static_cast<double>(sysconf(_SC_CLK_TCK));
  for (int cpu : cpus)
    if (const auto ticks = procfs::cpu_ticks(stat, cpu)) {
      use.busy_seconds += tick * static_cast<double>(ticks->busy);
      ++use.cpus;
    }
  for (int pid : own_pids) {
    clockid_t clock{};
    timespec t{};
    if (clock_getcpuclockid(pid, &clock) == 0 && clock_gettime(clock, &t) == 0) use.own_seconds += seconds(t);
  }
  rusage children{};  // processes that ended between two snapshots are found here
  getrusage(RUSAGE_CHILDREN, &children);
  use.own_seconds += seconds(children.ru_utime) + seconds(children.ru_stime);
  return use;
}

double foreign_share(const CpuUse& before, const CpuUse& after) {
  const double time = (after.at_seconds - before.at_seconds) * std::min(before.cpus, after.cpus);
  if (!(time > 0)) return 0;
  const double foreign = (after.busy_seconds - before.busy_seconds) - (after.own_seconds - before.own_seconds);
  return std::clamp(foreign / time, 0.0, 1.0);
}

}  // namespace aisp::device
