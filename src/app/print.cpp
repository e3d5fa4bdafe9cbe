#include "app/print.hpp"

#include "model/text.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <exception>

namespace aisp::app {
namespace {

int output_error = 0;  // the first of stdout

void keep_error() {
  if (!output_error) output_error = errno ? errno : EIO;
}

}  // namespace

void prepare_streams() {
  for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
    if (::fcntl(fd, F_GETFD) < 0) static_cast<void>(::open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY));
  // A handler and not SIG_IGN, which programs would inherit: execve() resets handlers.
  struct sigaction action {};
  action.sa_handler = [](int) {};
  action.sa_flags = SA_RESTART;
  ::sigaction(SIGPIPE, &action, nullptr);
}

void write_text(std::FILE* stream, std::string_view text) noexcept {
  const bool output = stream == stdout;
  if (output && output_error) return;
  try {
    const auto safe = model::without_hidden(text);
    errno = 0;
    if (std::fwrite(safe.data(), 1, safe.size(), stream) != safe.size() && output) keep_error();
  } catch (const std::exception&) {
    errno = ENOMEM;
    if (output) keep_error();
  }
}

int flush_output() noexcept {
  errno = 0;
  if (std::fflush(stdout) != 0) keep_error();
  return output_error == EPIPE ? 0 : output_error;
}

}  // namespace aisp::app
