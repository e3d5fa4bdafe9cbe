// Comma-separated values, RFC 4180: fields may be quoted, quoted fields may hold commas, quotes and line breaks.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace aisp::analysis {

// Every record with its fields as text; empty lines are skipped, lines end with LF or CRLF. Text from a file is
// hostile: throws std::runtime_error with one line for an unfinished quote, text behind a closing quote, or more than a
// million fields.
std::vector<std::vector<std::string>> parse_csv(std::string_view text);

}  // namespace aisp::analysis
