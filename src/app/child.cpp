#include "app/child.hpp"

#include "record/descriptor.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <system_error>

namespace aisp::app {
namespace {

constexpr std::size_t kMostText = 16u << 20;

void write_all(int fd, const std::string& text) {
  for (std::size_t done = 0; done < text.size();) {
    const auto n = ::write(fd, text.data() + done, text.size() - done);
    if (n <= 0) return;
    done += static_cast<std::size_t>(n);
  }
}

// The first byte says how it went: '+' or '-'. _exit: nothing of the parent's is flushed or destroyed twice.
[[noreturn]] void child_main(int fd, const std::function<std::string()>& work, pid_t parent) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) ::_exit(1);
  for (const int s : {SIGINT, SIGTERM}) ::signal(s, SIG_DFL);  // the parent's handlers only set a flag that it polls
  try {
    write_all(fd, "+" + work());
  } catch (const std::exception& error) {
    write_all(fd, std::string("-") + error.what());
  } catch (...) {
    write_all(fd, "-an unknown exception");
  }
  ::_exit(0);
}

// False when the deadline passed before the child closed its end.
bool read_until_end(int fd, std::string& text, std::chrono::steady_clock::time_point deadline) {
  std::array<char, 65536> buffer;
  for (;;) {
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now()).count();
    if (left <= 0 || text.size() > kMostText) return false;
    pollfd waiting{fd, POLLIN, 0};
    const int ready = ::poll(&waiting, 1, static_cast<int>(std::min<long long>(left, 1'000'000)));
    if (ready < 0 && errno != EINTR) return false;
    if (ready <= 0) continue;
    const auto n = ::read(fd, buffer.data(), buffer.size());
    if (n <= 0) return true;
    text.append(buffer.data(), static_cast<std::size_t>(n));
  }
}

}  // namespace

ChildResult in_child(const std::function<std::string()>& work, std::chrono::seconds deadline) {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) throw std::system_error(errno, std::generic_category(), "pipe");
  const record::Descriptor reader(ends[0]);
  std::fflush(nullptr);
  const pid_t parent = ::getpid(), pid = ::fork();
  if (pid == 0) {
    ::close(ends[0]);
    child_main(ends[1], work, parent);
  }
  ::close(ends[1]);
  if (pid < 0) throw std::system_error(errno, std::generic_category(), "fork");
  std::string text;
  const bool ended = read_until_end(reader.get(), text, std::chrono::steady_clock::now() + deadline);
  if (!ended) ::kill(pid, SIGKILL);
  int status = 0;
  while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  if (!ended) return {false, fmt::format("gave no answer within {} s", deadline.count())};
  if (WIFSIGNALED(status)) return {false, fmt::format("its process died: {}", strsignal(WTERMSIG(status)))};
  if (text.empty()) return {false, fmt::format("its process ended with status {}", WEXITSTATUS(status))};
  return {text.front() == '+', text.substr(1)};
}

}  // namespace aisp::app
