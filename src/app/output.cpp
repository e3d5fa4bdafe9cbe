#include "app/output.hpp"

#include "analysis/columns.hpp"
#include "app/print.hpp"
#include "app/terminal.hpp"

#include <fmt/format.h>

#include <cmath>

namespace aisp::app {
void print_json(const Json& document) {
  print_out("{}\n", document.dump(2, ' ', false, Json::error_handler_t::replace));
}

std::string aligned(const std::vector<std::vector<std::string>>& rows) {
  return analysis::columns(rows, table_columns());
}

std::string human_bytes(double bytes) {
  constexpr const char* units[] = {"B", "KiB", "MiB", "GiB", "TiB"};
  int unit = 0;
  for (; bytes >= 1024 && unit < 4; ++unit) bytes /= 1024;
  return fmt::format("{:.4g} {}", bytes, units[unit]);
}

std::string human_seconds(double seconds) {
  const double size = std::abs(seconds);
  if (size >= 1) return fmt::format("{:.3g} s", seconds);
  if (size >= 1e-3) return fmt::format("{:.3g} ms", seconds * 1e3);
  if (size >= 1e-6) return fmt::format("{:.3g} µs", seconds * 1e6);
  return fmt::format("{:.3g} ns", seconds * 1e9);
}

}  // namespace aisp::app
