#include "app/names.hpp"

#include "record/targets.hpp"

#include <fmt/format.h>

namespace aisp::app {

std::string unknown(std::string_view kind, std::string_view name, const std::vector<std::string>& known) {
  const auto near = record::nearest(name, known);
  const std::string what = fmt::format("unknown {} '{}'", kind, one_line(name.substr(0, 80)));
  if (!near.empty()) return fmt::format("{}; did you mean {}?", what, fmt::join(near, ", "));
  return known.empty() ? what + "; there is none" : fmt::format("{}; there is {}", what, fmt::join(known, ", "));
}

std::string one_line(std::string_view text) {
  std::string line;
  for (const char c : text) {
    const bool control = static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
    if (control && (line.empty() || line.back() == ' ')) continue;
    line += control ? ' ' : c;
  }
  while (!line.empty() && line.back() == ' ') line.pop_back();
  return line;
}

}  // namespace aisp::app
