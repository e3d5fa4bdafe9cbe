// Text laid out for a terminal: columns of a table, and prose.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace aisp::analysis {

// Rows as lines of at most `width` columns, as long as that is possible at all, the first row being the header. Where
// rows are too long the last column is broken at its spaces; where it has no room for that either, each row continues
// on further lines, indented, and so does the header. Nothing is cut. Ends with a newline; "" without rows.
std::string columns(std::span<const std::vector<std::string>> rows, int width);

// Text broken at spaces into lines of at most `width` columns; all but the first begin with `indent` spaces.
std::string wrapped(std::string_view text, int width, int indent = 0);

}  // namespace aisp::analysis
