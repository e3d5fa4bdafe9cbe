// perf_event_open(2) on another process: one event each, so that a missing one does not take the others with it, and on
// every thread that exists or is created later (`inherit`).
#include "device/cpu/counters.hpp"

#include "device/cpu/procfs.hpp"

#include <linux/perf_event.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <system_error>
#include <utility>

namespace aisp::device {
namespace {

struct Event {
  const char* name;
  std::uint32_t type;
  std::uint64_t config;
  bool in_kernel;  // happens inside the kernel: cannot be counted when only user space may be watched
};

constexpr std::array<Event, 6> kEvents{{
    {"cycles", PERF_TYPE_HARDWARE, PERF_COUNT_HW_CPU_CYCLES, false},
    {"instructions", PERF_TYPE_HARDWARE, PERF_COUNT_HW_INSTRUCTIONS, false},
    {"cache-misses", PERF_TYPE_HARDWARE, PERF_COUNT_HW_CACHE_MISSES, false},
    {"branch-misses", PERF_TYPE_HARDWARE, PERF_COUNT_HW_BRANCH_MISSES, false},
    {"page-faults", PERF_TYPE_SOFTWARE, PERF_COUNT_SW_PAGE_FAULTS, false},
    {"context-switches", PERF_TYPE_SOFTWARE, PERF_COUNT_SW_CONTEXT_SWITCHES, true},
}};

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Descriptor& operator=(Descriptor&&) = delete;
  ~Descriptor() {
    if (fd_ >= 0) close(fd_);
  }
  int get() const { return fd_; }

 private:
  int fd_;
};

// −errno on failure. Kernel work is left out for all events that happen in user space.
int open_event(const Event& event, int tid) {
  perf_event_attr attr{};
  attr.size = sizeof attr;
  attr.type = event.type;
  attr.config = event.config;
  attr.disabled = 1;
  attr.inherit = 1;
  attr.exclude_kernel = !event.in_kernel;
  attr.exclude_hv = 1;
  attr.read_format = PERF_FORMAT_TOTAL_TIME_ENABLED | PERF_FORMAT_TOTAL_TIME_RUNNING;
  const long fd = syscall(SYS_perf_event_open, &attr, tid, -1, -1, PERF_FLAG_FD_CLOEXEC);
  return fd < 0 ? -errno : static_cast<int>(fd);
}

std::vector<int> threads_of(int pid) {
  std::vector<int> tids;
  std::error_code error;
  for (std::filesystem::directory_iterator it("/proc/" + std::to_string(pid) + "/task", error), end;
       !error && it != end; it.increment(error))
    if (const auto tid = procfs::integer(it->path().filename().string())) tids.push_back(static_cast<int>(*tid));
  if (tids.empty()) tids.push_back(pid);  // perf_event_open says what is wrong with it
  return tids;
}

class PerfCounters final : public Counters {
 public:
  struct Group {
    const char* name;
    std::vector<Descriptor> per_thread;
  };
  explicit PerfCounters(std::vector<Group> groups) : groups_(std::move(groups)) {}

  void enable() override { control(PERF_EVENT_IOC_ENABLE); }
  void disable() override { control(PERF_EVENT_IOC_DISABLE); }

  std::vector<model::Counter> read() const override {
    std::vector<model::Counter> totals;
    for (const auto& group : groups_) {
      double total = 0;
      bool all = true;
      for (const auto& fd : group.per_thread) {
        perf::Reading r;
        all &= ::read(fd.get(), &r, sizeof r) == sizeof r;
        total += perf::scaled(r);
      }
      if (all) totals.push_back({group.name, total});
    }
    return totals;
  }

 private:
  void control(unsigned long request) const {
    for (const auto& group : groups_)
      for (const auto& fd : group.per_thread) ioctl(fd.get(), request, 0);
  }
  std::vector<Group> groups_;
};

}  // namespace

namespace perf {

double scaled(const Reading& r) {
  if (r.running == 0) return 0;
  return static_cast<double>(r.value) * (static_cast<double>(r.enabled) / static_cast<double>(r.running));
}

bool filtered() {
  // The kernel itself looks at the flags before anybody's permissions.
  return syscall(SYS_perf_event_open, nullptr, 0, 0, -1, ~0ul) < 0 && (errno == EPERM || errno == EACCES);
}

std::string why(int error, const std::string& paranoid, bool filtered) {
  const bool denied = error == EPERM || error == EACCES;
  if (denied && filtered)
    return "perf_event_open is refused by a system-call filter (seccomp), as containers have one; allow that call, or "
           "measure outside";
  if (denied && procfs::integer(paranoid).value_or(2) <= 1)
    return "not permitted, though kernel.perf_event_paranoid is " + paranoid +
           ": a security module or a limit of the container forbids it";
  switch (error) {
    case ENOENT:
    case EOPNOTSUPP:
    case ENODEV: return "this processor or virtual machine has no such counter";
    case EACCES:
    case EPERM:
      return "not permitted: kernel.perf_event_paranoid is " + (paranoid.empty() ? "unknown" : paranoid) +
             "; it needs CAP_PERFMON or a lower value";
    case ENOSYS: return "this kernel has no perf events";
    case ESRCH: return "the process is gone";
    default: return std::strerror(error);
  }
}

}  // namespace perf

std::unique_ptr<Counters> Counters::attach(int pid, std::string& why_absent) {
  why_absent.clear();
  const auto paranoid = procfs::read_text("/proc/sys/kernel/perf_event_paranoid");
  std::vector<PerfCounters::Group> groups;
  std::vector<std::pair<std::string, std::string>> absent;  // reason, names
  for (const auto& event : kEvents) {
    PerfCounters::Group group{event.name, {}};
    int error = 0;
    for (int tid : threads_of(pid)) {
      const int fd = open_event(event, tid);
      if (fd >= 0)
        group.per_thread.emplace_back(fd);
      else if (fd != -ESRCH || tid == pid)  // other threads may end meanwhile
        error = -fd;
    }
    if (!error) {
      groups.push_back(std::move(group));
      continue;
    }
    const auto reason = perf::why(error, paranoid, perf::filtered());
    if (!absent.empty() && absent.back().first == reason)
      absent.back().second += std::string(", ") + event.name;
    else
      absent.emplace_back(reason, event.name);
  }
  for (const auto& [reason, names] : absent) why_absent += (why_absent.empty() ? "" : "; ") + names + ": " + reason;
  if (groups.empty()) return nullptr;
  return std::make_unique<PerfCounters>(std::move(groups));
}

}  // namespace aisp::device
