// Plain output of commands: aligned tables for people, JSON for programs.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace aisp::app {

using Json = nlohmann::ordered_json;

// One document on stdout, bytes that are not UTF-8 replaced.
void print_json(const Json&);

// Rows under a header, columns as wide as their widest cell.
std::string aligned(const std::vector<std::vector<std::string>>& rows);

// Text broken at spaces into lines of at most `width` columns; all but the first begin with `indent` spaces.
std::string wrapped(std::string_view text, int width, int indent = 0);

std::string human_bytes(double bytes);      // "1.5 MiB"
std::string human_seconds(double seconds);  // "12.3 µs"

}  // namespace aisp::app
