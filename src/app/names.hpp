// Names as people type them, in messages of one line.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace aisp::app {

// "unknown scale 'fulll'; did you mean full?", or the names that exist when none is near.
std::string unknown(std::string_view kind, std::string_view name, const std::vector<std::string>& known);

// model::printable() without spaces at either end.
std::string one_line(std::string_view text);

}  // namespace aisp::app
