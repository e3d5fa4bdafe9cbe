#include "analysis/offences.hpp"

#include "analysis/census.hpp"
#include "stats/stats.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <iterator>
#include <string_view>

namespace aisp::analysis {
namespace {

using model::Violation;

constexpr const char* kThread = "location.background_thread";
constexpr const char* kExploit = "evaluation.eval_code_exploitation";
constexpr const char* kLazy = "location.lazy_evaluation";
constexpr const char* kPriority = "environment.priority_elevation";
constexpr const char* kClock = "timing.clock_drift";
constexpr const char* kAsync = "timing.incomplete_async";
constexpr const char* kPersistent = "cuda.persistent_kernel";

struct Offence {
  std::string_view syscall;
  const char* issue;
};

// Refused calls that no honest kernel needs. Everything else that the sandbox refuses is taken for a library's probe.
constexpr Offence kOffences[] = {
    // work outside the calling thread: other threads, processes, programs, timers that interrupt
    {"clone", kThread},
    {"clone3", kThread},
    {"fork", kThread},
    {"vfork", kThread},
    {"execve", kThread},
    {"execveat", kThread},
    {"timer_create", kThread},
    {"timer_settime", kThread},
    {"timerfd_create", kThread},
    {"setitimer", kThread},
    {"alarm", kThread},
    {"io_uring_setup", kThread},
    // computing when the output is read
    {"userfaultfd", kLazy},
    // other processes and their memory
    {"ptrace", kExploit},
    {"process_vm_readv", kExploit},
    {"process_vm_writev", kExploit},
    {"process_madvise", kExploit},
    {"pidfd_open", kExploit},
    {"pidfd_getfd", kExploit},
    {"pidfd_send_signal", kExploit},
    {"kcmp", kExploit},
    {"kill", kExploit},
    {"tkill", kExploit},
    {"tgkill", kExploit},
    {"rt_sigqueueinfo", kExploit},
    {"rt_tgsigqueueinfo", kExploit},
    // the network
    {"connect", kExploit},
    {"bind", kExploit},
    {"listen", kExploit},
    {"accept", kExploit},
    {"accept4", kExploit},
    // the sandbox and the kernel
    {"seccomp", kExploit},
    {"unshare", kExploit},
    {"setns", kExploit},
    {"mount", kExploit},
    {"umount2", kExploit},
    {"pivot_root", kExploit},
    {"chroot", kExploit},
    {"open_by_handle_at", kExploit},
    {"name_to_handle_at", kExploit},
    {"bpf", kExploit},
    {"perf_event_open", kExploit},
    {"init_module", kExploit},
    {"finit_module", kExploit},
    {"delete_module", kExploit},
    {"kexec_load", kExploit},
    {"kexec_file_load", kExploit},
    {"keyctl", kExploit},
    {"add_key", kExploit},
    {"request_key", kExploit},
    {"other", kExploit},  // the sandbox's name for more than 64 distinct refusals: a probe of everything
    // scheduling and clocks
    {"sched_setscheduler", kPriority},
    {"sched_setattr", kPriority},
    {"ioprio_set", kPriority},
    {"clock_settime", kClock},
    {"settimeofday", kClock},
    {"adjtimex", kClock},
    {"clock_adjtime", kClock},
};

// "domain 1" → 1; 0 when there is no number.
long number_in(const std::string& detail) {
  const auto at = detail.find_first_of("-0123456789");
  return at == detail.npos ? 0 : std::strtol(detail.c_str() + at, nullptr, 0);
}

const char* advice_for(std::string_view issue) {
  if (issue == kThread) return "do all work in run, on the threads that the variant declares";
  if (issue == kLazy) return "write outputs before run returns";
  if (issue == kPriority) return "leave scheduling to the judge";
  if (issue == kClock) return "leave the clocks alone";
  return "a variant computes outputs from inputs; it needs nothing else of the system";
}

std::string ms(double seconds) { return fmt::format("{:.4g} ms", seconds * 1e3); }

class Collector {
 public:
  Collector(std::string variant, std::vector<Violation>& into) : variant_(std::move(variant)), into_(into) {}
  void add(std::string issue, std::string seen, std::string expected, std::string advice) {
    into_.push_back({std::move(issue), variant_, std::move(seen), std::move(expected), std::move(advice)});
  }

 private:
  std::string variant_;
  std::vector<Violation>& into_;
};

void check_output(const model::Verification& v, Collector& found) {
  if (v.guard_violations)
    found.add("output.shape_mismatch", fmt::format("{} bytes outside the outputs were changed", v.guard_violations),
              "writes only within the outputs", "check the bounds of the last tile");
  if (v.input_violations)
    found.add("memory.input_output_alias", fmt::format("{} inputs changed", v.input_violations),
              "inputs as the judge wrote them", "write to the outputs, use scratch memory of your own for the rest");
  if (!v.first_failure) return;
  const auto& f = *v.first_failure;
  const auto where = fmt::format("of {} elements of '{}' ({})", f.elements, f.tensor, v.failed_case);
  if (f.untouched > 0)
    found.add("output.uninitialized_memory", fmt::format("{} {} were never written", f.untouched, where),
              "every element written by every call", "check the bounds of the last tile and early returns");
  if (f.nonfinite > 0) {
    // The first wrong element tells which; when it is finite, only "not finite" is known.
    const bool inf = std::isinf(f.got);
    found.add(inf ? "output.inf" : "output.nan",
              fmt::format("{} {} are {}", f.nonfinite, where,
                          inf                 ? "infinite"
                          : std::isnan(f.got) ? "NaN"
                                              : "NaN or infinite"),
              "finite values as in the reference", "look for overflow and division by zero");
  }
}

void check_place(const model::TargetEvidence& e, const model::VariantEvidence& v, Collector& found) {
  double timed = 0, idle = 0;
  std::vector<double> cpu, allowed, over;
  const int threads = std::max(1, v.threads);
  for (const auto& s : v.samples) {
    timed += s.seconds;
    idle += s.idle_cpu_seconds;
    const auto calls = static_cast<double>(std::max<std::int64_t>(1, s.calls));
    // A CUDA worker spins while the judge draws inputs behind the closed gate; the census knows what it computed.
    if (e.device != "cpu") continue;
    cpu.push_back(s.cpu_seconds);
    allowed.push_back(kCpuShare * threads * s.seconds * (calls + 1) / calls + kCpuSecondsPerBatch * threads);
    over.push_back(cpu.back() - allowed.back());
  }
  if (idle > kIdleSeconds + kIdleShare * timed)
    found.add(kThread, fmt::format("{} of CPU time while it had nothing to do", ms(idle)),
              fmt::format("at most {}", ms(kIdleSeconds + kIdleShare * timed)), advice_for(kThread));
  // The median batch: the first ones also pay for what is loaded on first use.
  if (!over.empty() && stats::median(over) > 0)
    found.add(kThread, fmt::format("{} of CPU time in a batch of timed calls", ms(stats::median(cpu))),
              fmt::format("at most {} with {} thread{}", ms(stats::median(allowed)), threads, threads == 1 ? "" : "s"),
              "declare the threads that run uses");
  if (e.device != "cpu") return;  // the driver's threads are in the count
  // A pool may keep its caller waiting beside its threads; a single-threaded variant has nothing but itself.
  const int most = threads == 1 ? 1 : threads + 1;
  if (v.peak_threads > most)
    found.add(kThread, fmt::format("{} threads", v.peak_threads), fmt::format("at most {}", most),
              "declare the threads that run uses");
}

void check_refusals(const model::VariantEvidence& v, Collector& found) {
  for (const auto& r : v.refusals)
    if (const auto issue = offence_of(r); !issue.empty())
      found.add(issue,
                fmt::format("tried {}{} {} time{}; it was refused", r.syscall,
                            r.detail.empty() ? "" : " (" + r.detail + ")", r.count, r.count == 1 ? "" : "s"),
                "no such call", advice_for(issue));
}

// Work on the device outside the timed calls. What the judge's probe has to wait for is the worker's: the others are
// stopped, and each of them was seen to leave the device idle.
void check_drain(const model::VariantEvidence& v, Collector& found) {
  const auto check = [&](double model::Sample::*waited, const char* issue, const char* when, const char* advice) {
    std::vector<double> busy;
    for (const auto& s : v.samples)
      if (s.*waited > kProbeBusySeconds) busy.push_back(s.*waited);
    if (static_cast<double>(busy.size()) > kProbeBusyShare * static_cast<double>(v.samples.size()))
      found.add(issue,
                fmt::format("{} in {} of {} batches, a kernel of the judge's waited {}", when, busy.size(),
                            v.samples.size(), ms(stats::median(busy))),
                fmt::format("an idle device: at most {}", ms(kProbeBusySeconds)), advice);
  };
  constexpr const char* kJoin = "join every stream to the given one, and use no context of your own";
  check(&model::Sample::idle_drain_seconds, kPersistent, "before the calls were queued", "leave no kernel running");
  check(&model::Sample::drain_seconds, kAsync, "after the calls were said to be done", kJoin);
  if (v.undrained_seconds > 0)
    found.add(kPersistent, fmt::format("the device was busy for {} and no end in sight", ms(v.undrained_seconds)),
              "an idle device when the calls are done", "leave no kernel running");
  if (v.verification.late_batches > 0)
    found.add(kAsync,
              fmt::format("the outputs of {} batch{} changed after they were said to be done",
                          v.verification.late_batches, v.verification.late_batches == 1 ? "" : "es"),
              "outputs that are final", kJoin);
}

// On the CPU the judge's clock alone counts, and a claim can only be caught when it is impossible: more time than
// passed. On a device the calls' own times count, and must fill what the judge saw pass. By medians over batches: one
// in which either process was preempted says nothing about honesty.
void check_clocks(const model::TargetEvidence& e, const model::VariantEvidence& v, Collector& found) {
  std::vector<double> judge, worker;
  bool on_device = false;
  for (const auto& s : v.samples) {
    on_device |= s.device_seconds > 0;
    const double claim = s.device_seconds > 0 ? s.device_seconds : s.worker_seconds;
    if (claim > 0) judge.push_back(s.seconds), worker.push_back(claim);
  }
  if (judge.empty()) return;
  const double by_judge = stats::median(judge), by_worker = stats::median(worker);
  const double slack = on_device              ? kClockDeviceShare * by_judge + kClockDeviceSeconds
                       : e.waiting == "futex" ? kClockShare * by_judge + kClockFutexSeconds
                                              : kClockShare * by_judge + kClockSpinSeconds;
  if (by_worker > by_judge + slack || (on_device && by_worker < by_judge - slack))
    found.add("timing.event_gaps",
              fmt::format("a batch takes {} by the worker's clock, {} by the judge's", ms(by_worker), ms(by_judge)),
              fmt::format("a difference of at most {}", ms(slack)), "leave the worker's clock and messages alone");
}

}  // namespace

std::string offence_of(const model::Refusal& r) {
  if (r.syscall == "socket") {
    constexpr long kUnix = 1, kNetlink = 16;  // the C library asks the name service and the interface list by these
    const long domain = number_in(r.detail);
    return domain == kUnix || domain == kNetlink ? "" : kExploit;
  }
  if (r.syscall == "setpriority") return number_in(r.detail) < 0 ? kPriority : "";
  if (r.syscall == "prctl") {
    constexpr long kSetSeccomp = 22;  // PR_SET_SECCOMP
    return number_in(r.detail) == kSetSeccomp ? kExploit : "";
  }
  const auto* found = std::find_if(std::begin(kOffences), std::end(kOffences),
                                   [&](const Offence& o) { return o.syscall == r.syscall; });
  return found == std::end(kOffences) ? "" : found->issue;
}

std::vector<Violation> offences(const model::TargetEvidence& e, const model::VariantEvidence& v, double median_seconds,
                                double floor_seconds) {
  std::vector<Violation> all;
  Collector found(v.name, all);
  check_output(v.verification, found);
  check_place(e, v, found);
  check_refusals(v, found);
  check_clocks(e, v, found);
  for (auto& violation : census_offences(v)) all.push_back(std::move(violation));
  check_drain(v, found);
  if (median_seconds > 0 && median_seconds < kBelowFloor * floor_seconds)
    found.add(kAsync, fmt::format("{} a call", ms(median_seconds)),
              fmt::format("at least {}: the hardware needs {}", ms(kBelowFloor * floor_seconds), ms(floor_seconds)),
              "find the work that is not in the timed call; if all of it is, the declared FLOPs or bytes are too many");
  return all;
}

}  // namespace aisp::analysis
