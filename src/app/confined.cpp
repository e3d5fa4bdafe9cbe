#include "app/confined.hpp"

#include "judge/team.hpp"
#include "record/descriptor.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <sstream>
#include <system_error>

namespace aisp::app {
namespace {

constexpr std::size_t kMostOutput = std::size_t{1} << 20;  // the rest is read and dropped
constexpr int kLookMs = 100;                               // between looks at the user's wish to stop

struct Pipe {
  record::Descriptor in, out;
};

Pipe make_pipe() {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) throw std::system_error(errno, std::generic_category(), "pipe");
  return {record::Descriptor(ends[0]), record::Descriptor(ends[1])};
}

// What several layers guard is missing when none of them is there.
std::vector<std::string> missing(const std::vector<model::Protection>& protections) {
  struct Guarded {
    const char* what;
    std::vector<std::string> by;
  };
  const std::vector<Guarded> all{{"a view of its own files alone", {"private-root", "landlock"}},
                                 {"no network", {"net-namespace", "seccomp"}},
                                 {"a limit of memory", {"memory-limit"}}};
  std::vector<std::string> lines;
  for (const auto& guarded : all) {
    std::vector<std::string> why;
    bool present = false;
    for (const auto& p : protections) {
      if (std::find(guarded.by.begin(), guarded.by.end(), p.name) == guarded.by.end()) continue;
      present = present || p.present;
      why.push_back(p.name + ": " + p.detail);
    }
    if (!present) lines.push_back(fmt::format("{} ({})", guarded.what, fmt::join(why, "; ")));
  }
  return lines;
}

std::vector<char*> pointers(const std::vector<std::string>& words) {
  std::vector<char*> all;
  for (const auto& word : words) all.push_back(const_cast<char*>(word.c_str()));
  all.push_back(nullptr);
  return all;
}

void tell(int fd, const std::string& text) {
  if (::write(fd, text.data(), text.size()) < 0) ::_exit(127);
}

// Lines to the parent: what is missing, and, after a '!', why the program did not start.
[[noreturn]] void child_main(const ConfinedJob& job, int output, int report, pid_t parent) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) ::_exit(127);
  for (const int s : {SIGINT, SIGTERM, SIGPIPE}) ::signal(s, SIG_DFL);
  const auto argv = pointers(job.command), envp = pointers(job.environment);
  try {
    // Above the standard descriptors, which may be among those that this process was started without.
    report = ::fcntl(report, F_DUPFD_CLOEXEC, 16), output = ::fcntl(output, F_DUPFD_CLOEXEC, 16);
    ::dup2(::open("/dev/null", O_RDONLY), STDIN_FILENO);
    ::dup2(output, STDOUT_FILENO);
    ::dup2(output, STDERR_FILENO);
    report = ::dup3(report, STDERR_FILENO + 1, O_CLOEXEC);
    ::close_range(STDERR_FILENO + 2, ~0u, 0);
    for (const auto& line : missing(judge::enter_sandbox(job.sandbox).protections)) tell(report, line + "\n");
    if (::chdir(job.folder.c_str()) != 0 && ::chdir("/") != 0) throw std::system_error(errno, std::generic_category());
    ::execve(argv[0], argv.data(), envp.data());
    tell(report, std::string("!") + std::strerror(errno));
  } catch (const std::exception& error) {
    tell(report, std::string("!") + error.what());
  }
  ::_exit(127);
}

// The program's session, and the program before it has one.
void end(pid_t pid) {
  ::kill(-pid, SIGKILL);
  ::kill(pid, SIGKILL);
}

// Reads until the other end is closed by all who hold it. False when the time was over, or the user wanted it to be.
bool read_all(int fd, std::string& text, std::chrono::steady_clock::time_point deadline,
              const std::atomic<bool>* interrupted) {
  std::array<char, 4096> buffer;
  for (;;) {
    if (std::chrono::steady_clock::now() >= deadline || (interrupted && *interrupted)) return false;
    pollfd readable{fd, POLLIN, 0};
    if (::poll(&readable, 1, kLookMs) <= 0) continue;
    const ssize_t count = ::read(fd, buffer.data(), buffer.size());
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return true;
    const std::size_t room = kMostOutput - std::min(kMostOutput, text.size());
    text.append(buffer.data(), std::min(room, static_cast<std::size_t>(count)));
  }
}

// Whether it ended by itself; it is not reaped, so that its session's number stays its own.
bool wait_for_end(pid_t pid, std::chrono::steady_clock::time_point deadline, const std::atomic<bool>* interrupted) {
  while (std::chrono::steady_clock::now() < deadline && !(interrupted && *interrupted)) {
    siginfo_t info{};
    if (::waitid(P_PID, static_cast<id_t>(pid), &info, WEXITED | WNOWAIT | WNOHANG) == 0 && info.si_pid == pid)
      return true;
    ::usleep(1000);
  }
  return false;
}

}  // namespace

ConfinedResult run_confined(const ConfinedJob& job) {
  auto output = make_pipe(), report = make_pipe();
  std::fflush(nullptr);
  const pid_t parent = ::getpid(), pid = ::fork();
  if (pid < 0) throw std::system_error(errno, std::generic_category(), "fork");
  if (pid == 0) child_main(job, output.out.get(), report.out.get(), parent);
  output.out = record::Descriptor(-1);
  report.out = record::Descriptor(-1);

  ConfinedResult result;
  std::string told;
  const auto deadline = std::chrono::steady_clock::now() + job.timeout;
  const bool ended = read_all(report.in.get(), told, deadline, job.interrupted) &&
                     read_all(output.in.get(), result.output, deadline, job.interrupted) &&
                     wait_for_end(pid, deadline, job.interrupted);
  end(pid);  // what it started and did not wait for ends with it
  while (::waitpid(pid, &result.status, 0) < 0 && errno == EINTR) {
  }
  if (!ended && job.interrupted && *job.interrupted) throw judge::Interrupted();
  result.timed_out = !ended;
  std::istringstream lines(told);
  for (std::string line; std::getline(lines, line);)
    if (line.starts_with('!'))
      result.not_started = line.substr(1);
    else
      result.missing.push_back(line);
  return result;
}

}  // namespace aisp::app
