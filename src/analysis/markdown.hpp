// Tables in GitHub-flavoured markdown.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace aisp::analysis {

using Cells = std::vector<std::string>;

// What markdown or HTML would act on loses its meaning; everything stays on one line, of at most `limit` bytes.
std::string markdown_escaped(std::string_view text, std::size_t limit = 2000);

// Cells as they are given; `alignment` has 'l' or 'r' for each column. Ends with an empty line.
std::string markdown_table(const Cells& header, const std::vector<Cells>& rows, std::string_view alignment);

}  // namespace aisp::analysis
