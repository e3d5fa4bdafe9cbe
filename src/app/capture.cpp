#include "app/capture.hpp"

#include "device/cpu/facts.hpp"
#include "record/descriptor.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <system_error>
#include <thread>

namespace aisp::app {
namespace {
using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds kLastWords{500};  // between a request to end and the end

double seconds(const timeval& t) { return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) * 1e-6; }

// Waits at `go` until it is watched, then becomes the command; what prevents that goes back as errno on `error`.
[[noreturn]] void child_main(const std::vector<std::string>& command, int go, int out, int error, pid_t parent) {
  ::setpgid(0, 0);
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) ::_exit(1);
  ::dup2(::open("/dev/null", O_RDONLY), STDIN_FILENO);
  ::dup2(out, STDOUT_FILENO);
  ::dup2(out, STDERR_FILENO);
  char byte = 0;
  if (::read(go, &byte, 1) != 1) ::_exit(1);
  std::vector<char*> arguments;
  for (const auto& argument : command) arguments.push_back(const_cast<char*>(argument.c_str()));
  arguments.push_back(nullptr);
  ::execvp(arguments[0], arguments.data());
  const int why = errno;
  if (::write(error, &why, sizeof why) < 0) ::_exit(1);
  ::_exit(127);
}

std::array<record::Descriptor, 2> pipe() {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) throw std::system_error(errno, std::generic_category(), "pipe");
  return {record::Descriptor(ends[0]), record::Descriptor(ends[1])};
}

// Keeps the end of what is said until nobody can say anything any more or the time is over; false in the second case.
bool listen(int out, Clock::time_point end, Capture& capture, const std::atomic<bool>* interrupted = nullptr) {
  std::array<char, 65536> buffer;
  for (;;) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(end - Clock::now()).count();
    if (left <= 0 || (interrupted && *interrupted)) return false;
    pollfd waiting{out, POLLIN, 0};
    const int ready = ::poll(&waiting, 1, static_cast<int>(std::min<long long>(left, 200)));
    if (ready < 0 && errno != EINTR) return false;
    if (ready <= 0) continue;
    const auto n = ::read(out, buffer.data(), buffer.size());
    if (n <= 0) return true;
    capture.output_bytes += static_cast<std::uint64_t>(n);
    capture.output.append(buffer.data(), static_cast<std::size_t>(n));
    if (capture.output.size() > 2 * kCaptured) capture.output.erase(0, capture.output.size() - kCaptured);
  }
}

}  // namespace

Capture capture(const std::vector<std::string>& command, std::chrono::seconds deadline,
                const std::atomic<bool>* interrupted) {
  Capture result;
  auto go = pipe(), out = pipe(), error = pipe();
  const pid_t parent = ::getpid(), child = ::fork();
  if (child < 0) throw std::system_error(errno, std::generic_category(), "fork");
  if (child == 0) child_main(command, go[0].get(), out[1].get(), error[1].get(), parent);
  ::setpgid(child, child);  // whoever is first
  out[1] = {}, error[1] = {};
  const auto counters = device::Counters::attach(child, result.counters_absent);
  if (counters) counters->enable();
  const auto begin = Clock::now();
  if (::write(go[1].get(), "g", 1) != 1) throw std::system_error(errno, std::generic_category(), "pipe");

  int why = 0;
  result.started = ::read(error[0].get(), &why, sizeof why) != sizeof why;
  bool in_time = listen(out[0].get(), begin + deadline, result, interrupted);
  if (!in_time) {
    ::kill(-child, SIGTERM);
    listen(out[0].get(), Clock::now() + kLastWords, result);
    ::kill(-child, SIGKILL);
  }
  int status = 0;
  rusage used{};
  // It may have closed its output and go on.
  for (pid_t ended = 0; ended == 0;) {
    ended = ::wait4(child, &status, in_time ? WNOHANG : 0, &used);
    if (ended < 0 && errno == EINTR) ended = 0;
    if (ended != 0) break;
    if (in_time && Clock::now() > begin + deadline) {
      in_time = false;
      ::kill(-child, SIGKILL);
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  result.wall_seconds = std::chrono::duration<double>(Clock::now() - begin).count();
  ::kill(-child, SIGKILL);  // what it left behind
  if (counters) result.counters = counters->read();

  result.user_seconds = seconds(used.ru_utime);
  result.system_seconds = seconds(used.ru_stime);
  result.peak_rss_bytes = std::int64_t{used.ru_maxrss} * 1024;
  result.minor_faults = used.ru_minflt, result.major_faults = used.ru_majflt;
  result.voluntary_switches = used.ru_nvcsw, result.involuntary_switches = used.ru_nivcsw;
  if (result.output.size() > kCaptured) result.output.erase(0, result.output.size() - kCaptured);
  if (!result.started)
    result.ending = fmt::format("could not be started: {}", std::strerror(why));
  else if (!in_time)
    result.ending = interrupted && *interrupted ? "interrupted" : fmt::format("stopped after {} s", deadline.count());
  else if (WIFSIGNALED(status))
    result.ending = fmt::format("killed by {}", ::strsignal(WTERMSIG(status)));
  else
    result.exit_code = WEXITSTATUS(status), result.ending = fmt::format("exit status {}", result.exit_code);
  return result;
}

}  // namespace aisp::app
