#include "app/names.hpp"

#include "model/text.hpp"
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
  auto line = model::printable(text);
  line.erase(0, line.find_first_not_of(' '));
  line.erase(line.find_last_not_of(' ') + 1);
  return line;
}

}  // namespace aisp::app
