// The command line's two streams. Printing never throws: a run must not end because its terminal is gone.
#pragma once

#include <fmt/format.h>

#include <cstdio>
#include <string_view>
#include <utility>

namespace aisp::app {

// Opens /dev/null for each of the three standard descriptors that is closed, so that no file that is opened later gets
// its number and is written to by accident. Printing there still fails. SIGPIPE no longer ends this process; programs
// that it starts have the default action again.
void prepare_streams();

// Writes to stdout or stderr. Of stdout the first error is kept; what is printed after it is dropped. Errors of stderr
// are ignored. Characters that hide or reorder text are replaced (model/text.hpp).
void write_text(std::FILE* stream, std::string_view text) noexcept;

// Flushes stdout. The first error of it as errno, 0 when there was none or when the reader closed the pipe.
int flush_output() noexcept;

template <class... Args> void print_out(fmt::format_string<Args...> format, Args&&... args) {
  write_text(stdout, fmt::format(format, std::forward<Args>(args)...));
}

template <class... Args> void print_err(fmt::format_string<Args...> format, Args&&... args) {
  write_text(stderr, fmt::format(format, std::forward<Args>(args)...));
}

}  // namespace aisp::app
