#include "validity/checks.hpp"

#include <algorithm>
#include <cstdlib>
#include <iterator>
#include <string_view>

namespace aisp::validity {
namespace {

constexpr const char* kThread = "location.background_thread";
constexpr const char* kExploit = "evaluation.eval_code_exploitation";
constexpr const char* kLazy = "location.lazy_evaluation";
constexpr const char* kPriority = "environment.priority_elevation";
constexpr const char* kClock = "timing.clock_drift";

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

}  // namespace

std::string issue_of(const model::Refusal& r) {
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

void check_refusals(const model::VariantEvidence& v, Findings& found) {
  for (const auto& r : v.refusals)
    if (const auto issue = issue_of(r); !issue.empty())
      found.add(issue,
                fmt::format("tried {}{} {} time{}; it was refused", r.syscall,
                            r.detail.empty() ? "" : " (" + r.detail + ")", r.count, r.count == 1 ? "" : "s"),
                "no such call", advice_for(issue));
}

}  // namespace aisp::validity
