#include "judge/worker.hpp"

#include "device/cpu/procfs.hpp"
#include "judge/sandbox.hpp"
#include "model/text.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <new>
#include <sstream>
#include <system_error>

namespace aisp::judge {
namespace {

constexpr off_t kMostOutput = 1 << 20;  // kept of what a variant's workers print

[[noreturn]] void fail_errno(const std::string& what, int error = errno) {
  throw std::system_error(error, std::generic_category(), what);
}

// The worker's environment is made, not inherited: nothing of the user's reaches a variant.
std::vector<std::string> worker_environment(const Startup& s) {
  const std::string threads = std::to_string(std::max(1, s.threads));
  std::vector<std::string> env{"PATH=/usr/bin:/bin", "LANG=C.UTF-8", "OPENBLAS_NUM_THREADS=" + threads,
                               "OMP_NUM_THREADS=" + threads, std::string("TMPDIR=") + s.scratch};
  // OpenMP's threads sleep between regions instead of spinning into the time of others: GNU's, then LLVM's and Intel's,
  // which also binds threads to processors unless told not to, and ends when that is refused.
  for (const char* passive :
       {"OMP_WAIT_POLICY=passive", "GOMP_SPINCOUNT=0", "KMP_BLOCKTIME=0", "KMP_AFFINITY=disabled"})
    env.push_back(passive);
  if (s.libraries[0]) env.push_back(std::string("LD_LIBRARY_PATH=") + s.libraries);
  if (const char* isa = std::getenv("AISP_ISA")) env.push_back(std::string("AISP_ISA=") + isa);
  for (const char* name : {"ASAN_OPTIONS", "UBSAN_OPTIONS", "TSAN_OPTIONS", "LSAN_OPTIONS"})
    if (const char* value = std::getenv(name)) env.push_back(std::string(name) + "=" + value);
  return env;
}

class FileActions {
 public:
  FileActions() { posix_spawn_file_actions_init(&actions_); }
  ~FileActions() { posix_spawn_file_actions_destroy(&actions_); }
  void dup(int from, int to) { posix_spawn_file_actions_adddup2(&actions_, from, to); }
  void open_for_output(const std::string& path, int fd) {
    posix_spawn_file_actions_addopen(&actions_, fd, path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW, 0600);
  }
  void open_for_input(const char* path, int fd) { posix_spawn_file_actions_addopen(&actions_, fd, path, O_RDONLY, 0); }
  void close_from(int fd) { posix_spawn_file_actions_addclosefrom_np(&actions_, fd); }
  const posix_spawn_file_actions_t* get() const { return &actions_; }

 private:
  posix_spawn_file_actions_t actions_;
};

// A descriptor far above those that the worker's fixed numbers will be placed over.
Fd above(int fd) {
  Fd high(fcntl(fd, F_DUPFD_CLOEXEC, 64));
  if (!high) fail_errno("cannot duplicate a descriptor");
  return high;
}

std::string describe_signal(int signal) {
  const char* name = sigabbrev_np(signal);
  const char* text = sigdescr_np(signal);
  return std::string("SIG") + (name ? name : "?") + " (" + (text ? text : "unknown signal") + ")";
}

}  // namespace

Worker::Worker(const Startup& startup, const LentMemory& lent, WorkerOptions options, Fd* wire)
    : options_(std::move(options)),
      judge_page_("aisp-judge", sizeof(JudgePage)),
      worker_page_("aisp-worker", sizeof(WorkerPage)),
      judge_(*new (judge_page_.data()) JudgePage{}),
      page_(*new (worker_page_.data()) WorkerPage{}),
      census_(startup.audit != 0) {
  judge_.startup = startup;
  judge_.startup.judge = getpid();
  judge_.startup.inputs_bytes = lent.inputs_bytes;
  judge_.startup.outputs_bytes = lent.outputs_bytes;
  spawn(lent, wire);
  receive_descriptors();
  judge_.startup.audit = 0;  // a plugin is not to find it
}

void Worker::spawn(const LentMemory& lent, const Fd* wire) {
  int pair[2];
  if (socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, pair)) fail_errno("socketpair");
  control_ = Fd(pair[0]);
  const Fd theirs(pair[1]);
  const Fd startup_high = above(judge_page_.read_only_fd().get()), report_high = above(worker_page_.fd());
  const Fd inputs_high = above(lent.inputs.get()), outputs_high = above(lent.outputs.get());
  const Fd control_high = above(theirs.get());
  const Fd wire_high = wire ? above(wire->get()) : Fd();

  FileActions actions;
  actions.open_for_input("/dev/null", 0);
  const std::string log = judge_.startup.scratch[0] ? std::string(judge_.startup.scratch) + "/output.log" : "/dev/null";
  actions.open_for_output(log, 1);
  actions.dup(1, 2);
  actions.dup(startup_high.get(), kStartupFd);
  actions.dup(report_high.get(), kReportFd);
  actions.dup(inputs_high.get(), kInputsFd);
  actions.dup(outputs_high.get(), kOutputsFd);
  actions.dup(control_high.get(), kControlFd);
  if (wire) actions.dup(wire_high.get(), kWireFd);
  actions.close_from(wire ? kWireFd + 1 : kControlFd + 1);

  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  sigset_t none, all;
  sigemptyset(&none);
  sigfillset(&all);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setsigdefault(&attributes, &all);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);

  auto environment = options_.environment;  // of a name that comes twice, getenv() sees the first
  for (auto& entry : worker_environment(judge_.startup)) environment.push_back(std::move(entry));
  std::vector<char*> env;
  for (const auto& e : environment) env.push_back(const_cast<char*>(e.c_str()));
  env.push_back(nullptr);
  char name[] = "aisp-worker";
  char* argv[] = {name, nullptr};
  const int error = posix_spawn(&pid_, options_.executable.c_str(), actions.get(), &attributes, argv, env.data());
  posix_spawnattr_destroy(&attributes);
  if (error) fail_errno("cannot start " + options_.executable, error);
  pidfd_ = Fd(static_cast<int>(syscall(SYS_pidfd_open, pid_, 0)));
  if (!pidfd_) fail_errno("pidfd_open");
  if (judge_.startup.device_type == kDLCPU) freezer_ = Freezer::of(pid_);
}

// Once the sandbox is closed the worker sends the descriptors that it has, each named by a letter of the message:
// 's' seccomp notifications, 'm' its maps, 'x' its memory.
void Worker::receive_descriptors() {
  pollfd waits[2] = {{control_.get(), POLLIN, 0}, {pidfd_.get(), POLLIN, 0}};
  const auto deadline = now_ns() + static_cast<std::int64_t>(options_.timeout * 1e9);
  while (!(waits[0].revents & POLLIN)) {
    if (options_.interrupted && *options_.interrupted) throw Interrupted();
    if (now_ns() > deadline) fail(model::Status::timed_out, "the worker did not start in time");
    const int n = poll(waits, 2, 200);
    if (n < 0 && errno != EINTR) fail_errno("poll");
    if (n > 0 && !(waits[0].revents & POLLIN) && waits[1].revents) fail_dead();
  }
  char payload[kMostLent] = {};
  iovec io{payload, sizeof payload};
  alignas(cmsghdr) char control[CMSG_SPACE(kMostLent * sizeof(int))] = {};
  msghdr message{};
  message.msg_iov = &io;
  message.msg_iovlen = 1;
  message.msg_control = control;
  message.msg_controllen = sizeof control;
  if (recvmsg(control_.get(), &message, MSG_CMSG_CLOEXEC) < 0) fail_errno("recvmsg");
  const cmsghdr* header = CMSG_FIRSTHDR(&message);
  if (header && header->cmsg_level == SOL_SOCKET && header->cmsg_type == SCM_RIGHTS) {
    const auto count = std::min<std::size_t>((header->cmsg_len - CMSG_LEN(0)) / sizeof(int), kMostLent);
    for (std::size_t i = 0; i < count; ++i) {
      int fd = -1;
      std::memcpy(&fd, CMSG_DATA(header) + i * sizeof fd, sizeof fd);
      (payload[i] == 's' ? refusal_fd_ : payload[i] == 'm' ? maps_ : memory_) = Fd(fd);
    }
  }
  std::string why;
  if (const auto report = parse_report(worker_page_.data(), worker_page_.size(), {.protections = true}, why))
    for (const auto& p : report->protections) protections_.push_back({p.name, p.present, p.detail});
}

Worker::~Worker() {
  kill();
  keep_output();
}

void Worker::kill() {
  if (pid_ < 0) return;
  ::kill(-pid_, SIGKILL);  // its session: setsid made it a group leader
  ::kill(pid_, SIGKILL);
  int status = 0;
  while (waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
  }
  pid_ = -1;
  freezer_.reset();
}

std::string Worker::last_output_line() const {
  std::ifstream log(std::string(judge_.startup.scratch) + "/output.log");
  std::string line, last;
  for (int lines = 0; lines < 10000 && std::getline(log, line); ++lines)
    if (!line.empty()) last = line.substr(0, 1000);
  return model::printable(last, 200);
}

// The log lies where the variant may write: it is opened as what it was made, a file, and nothing else.
void Worker::keep_output() const {
  if (options_.output.empty()) return;
  const std::string log = std::string(judge_.startup.scratch) + "/output.log";
  const Fd from(open(log.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  const Fd into(open(options_.output.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_CLOEXEC, 0600));
  struct stat status {};
  if (!from || !into || fstat(from.get(), &status) || !S_ISREG(status.st_mode)) return;
  off_t room = fstat(into.get(), &status) ? 0 : std::max<off_t>(0, kMostOutput - status.st_size);
  char buffer[4096];
  for (ssize_t n = 0; room > 0; room -= n) {
    n = read(from.get(), buffer, std::min<std::size_t>(sizeof buffer, static_cast<std::size_t>(room)));
    if (n <= 0 || write(into.get(), buffer, static_cast<std::size_t>(n)) != n) return;
  }
}

void Worker::fail(model::Status status, const std::string& why) {
  if (refusal_fd_) collect_refusals(refusal_fd_.get(), refusals_);
  kill();
  throw WorkerFailure(status, why, refusals_);
}

void Worker::fail_dead() {
  int status = 0;
  pid_t waited;
  while ((waited = waitpid(pid_, &status, 0)) < 0 && errno == EINTR) {
  }
  ::kill(-pid_, SIGKILL);
  pid_ = -1;
  if (refusal_fd_) collect_refusals(refusal_fd_.get(), refusals_);
  const std::string said = last_output_line();
  const std::string tail = said.empty() ? "" : "; its last output: " + said;
  if (waited > 0 && WIFSIGNALED(status)) {
    const int signal = WTERMSIG(status);
    if (signal == SIGKILL)
      throw WorkerFailure(model::Status::out_of_memory, "killed by the kernel, most likely out of memory" + tail,
                          refusals_);
    throw WorkerFailure(model::Status::crashed, "killed by " + describe_signal(signal) + tail, refusals_);
  }
  throw WorkerFailure(model::Status::crashed,
                      "exited by itself with status " + std::to_string(WEXITSTATUS(status)) + tail, refusals_);
}

void Worker::check_alive() {
  if (refusal_fd_) collect_refusals(refusal_fd_.get(), refusals_);
  pollfd p{pidfd_.get(), POLLIN, 0};
  if (poll(&p, 1, 0) > 0) fail_dead();
  if (options_.interrupted && *options_.interrupted) {
    kill();
    throw Interrupted();
  }
}

void Worker::post(Op op, std::int32_t first, std::int32_t count, std::uint32_t calls) {
  if (pid_ < 0) throw WorkerFailure(model::Status::crashed, "the worker is gone");
  auto& c = judge_.command;
  c.op = op;
  c.first = first;
  c.count = count;
  c.until.store(calls, std::memory_order_relaxed);
  asked_ = {.variants = op == Op::describe, .census = census_};
  c.sequence.store(++sequence_, std::memory_order_release);
  futex_wake(c.sequence);
}

void Worker::allow(std::uint32_t calls) {
  judge_.command.until.store(calls, std::memory_order_release);
  if (!judge_.startup.spin) futex_wake(judge_.command.until);
}

void Worker::halt() const {
  if (freezer_)
    freezer_->freeze();
  else if (pid_ > 0)
    ::kill(-pid_, SIGSTOP);
}

void Worker::go_on() const {
  if (freezer_)
    freezer_->thaw();
  else if (pid_ > 0)
    ::kill(-pid_, SIGCONT);
}

bool Worker::stands() {
  if (freezer_) return freezer_->frozen();
  siginfo_t state{};
  if (pid_ < 0 || waitid(P_PID, static_cast<id_t>(pid_), &state, WSTOPPED | WEXITED | WNOWAIT | WNOHANG) != 0 ||
      state.si_pid == 0)
    return false;
  if (state.si_code != CLD_STOPPED) fail_dead();
  return true;
}

bool Worker::threads_stand() const {
  std::error_code error;
  bool any = false;
  const std::filesystem::path tasks = "/proc/" + std::to_string(pid_) + "/task";
  for (std::filesystem::directory_iterator at(tasks, error), end; !error && at != end; at.increment(error)) {
    std::ifstream stat(at->path() / "stat");
    std::string text;
    std::getline(stat, text);
    const auto close = text.rfind(')');
    if (close == std::string::npos || close + 2 >= text.size()) continue;  // it has just ended
    if (text[close + 2] != 'T' && text[close + 2] != 't') return false;
    any = true;
  }
  return any && !error;
}

double Worker::settled_cpu_seconds() const {
  constexpr std::int64_t kQuietNs = 10'000, kMostNs = 2'000'000;
  double seconds = cpu_seconds();
  const auto start = now_ns();
  for (auto since = start; now_ns() < since + kQuietNs && now_ns() < start + kMostNs;)
    if (const double again = cpu_seconds(); again != seconds) seconds = again, since = now_ns();
  return seconds;
}

void Worker::wait_a_moment(std::uint32_t bell) const {
  if (judge_.startup.spin)
    cpu_relax();
  else
    futex_wait(page_.bell, bell, 0.02);
}

void Worker::observe() { observer_ = Observer(std::move(maps_), std::move(memory_)); }

Report Worker::take() {
  std::string why;
  auto report = parse_report(worker_page_.data(), worker_page_.size(), asked_, why);
  if (!report) fail(model::Status::protocol, why);
  switch (report->outcome) {
    case Outcome::ok: break;
    case Outcome::error: fail(model::Status::failed, report->message);
    case Outcome::out_of_memory: fail(model::Status::out_of_memory, report->message);
    case Outcome::refused: fail(model::Status::refused, report->message);
  }
  return std::move(*report);
}

std::string text_of(double seconds) {
  char text[32];
  std::snprintf(text, sizeof text, "%g", seconds);
  return text;
}

double Worker::cpu_seconds() const {
  clockid_t clock;
  timespec t{};
  if (pid_ < 0 || clock_getcpuclockid(pid_, &clock) || clock_gettime(clock, &t)) return 0;
  return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_nsec) * 1e-9;
}

Usage Worker::usage() const {
  Usage u;
  u.cpu_seconds = cpu_seconds();
  if (pid_ < 0) return u;
  const std::string proc = "/proc/" + std::to_string(pid_);
  std::ifstream stat(proc + "/stat");
  std::string text;
  std::getline(stat, text);
  if (const auto close = text.rfind(')'); close != std::string::npos) {
    std::istringstream fields(text.substr(close + 2));
    std::string skip;
    std::int64_t skipped;
    fields >> skip;                                  // state
    for (int i = 4; i <= 9; ++i) fields >> skipped;  // ppid … flags
    fields >> u.minor_faults >> skipped >> u.major_faults;
    for (int i = 13; i <= 18; ++i) fields >> skipped;  // cmajflt … priority
    fields >> u.nice >> u.threads;
  }
  std::ifstream status(proc + "/status");
  while (std::getline(status, text)) {
    const auto number = [&](const char* key, std::int64_t& into) {
      if (text.rfind(key, 0) == 0) into = std::atoll(text.c_str() + std::strlen(key));
    };
    number("voluntary_ctxt_switches:", u.voluntary_switches);
    number("nonvoluntary_ctxt_switches:", u.involuntary_switches);
    number("TracerPid:", u.tracer);
    constexpr std::string_view kCpus = "Cpus_allowed_list:\t";
    if (text.starts_with(kCpus)) u.cpus = device::procfs::parse_cpu_list(std::string_view(text).substr(kCpus.size()));
    std::int64_t kilobytes = 0;
    number("VmHWM:", kilobytes);
    if (kilobytes) u.peak_rss_bytes = kilobytes * 1024;
  }
  return u;
}

}  // namespace aisp::judge
