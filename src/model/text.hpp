// Text that somebody else wrote, made safe to show: messages of workers and compilers, names in plugins and files.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace aisp::model {

// A copy of `text` as one line of valid UTF-8 that neither steers a terminal nor shows other words than it holds. Tabs
// and line breaks of every kind become spaces. Each of these becomes '?': a control character (C0, DEL, C1), a
// bidirectional control, an invisible character (zero-width, tag, byte-order mark) and a byte that is no UTF-8.
// Text of more than `limit` bytes is cut between two characters and ends in "…".
std::string printable(std::string_view text, std::size_t limit = std::string_view::npos);

// The same for a whole output, whose line breaks and colours are the program's own: ASCII stays as it is.
std::string without_hidden(std::string_view text);

}  // namespace aisp::model
