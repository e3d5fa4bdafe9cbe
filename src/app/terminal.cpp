#include "app/terminal.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdlib>
#include <limits>
#include <string_view>

namespace aisp::app {
namespace {

constexpr int kDefaultColumns = 80, kFileColumns = 160;

bool is_terminal(int fd) {
  const char* term = std::getenv("TERM");
  return ::isatty(fd) == 1 && term && *term && std::string_view(term) != "dumb";
}

bool wants_colour(int fd) {
  const char* no_color = std::getenv("NO_COLOR");
  return is_terminal(fd) && (!no_color || !*no_color);
}

int columns(int fd) {
  winsize size{};
  return ::ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : kDefaultColumns;
}

}  // namespace

bool stderr_is_terminal() { return is_terminal(STDERR_FILENO); }
bool stderr_wants_colour() { return wants_colour(STDERR_FILENO); }
bool stdout_wants_colour() { return wants_colour(STDOUT_FILENO); }
int stderr_columns() { return columns(STDERR_FILENO); }
int stdout_columns() { return ::isatty(STDOUT_FILENO) == 1 ? columns(STDOUT_FILENO) : kFileColumns; }
int table_columns() { return ::isatty(STDOUT_FILENO) == 1 ? columns(STDOUT_FILENO) : std::numeric_limits<int>::max(); }

}  // namespace aisp::app
