// Plain output of commands: aligned tables for people, JSON for programs.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace aisp::app {

using Json = nlohmann::ordered_json;

// One document on stdout, bytes that are not UTF-8 replaced.
void print_json(const Json&);

// Rows under a header, columns as wide as their widest cell; laid out for the terminal's width, where there is one.
std::string aligned(const std::vector<std::vector<std::string>>& rows);

std::string human_bytes(double bytes);      // "1.5 MiB"
std::string human_seconds(double seconds);  // "12.3 µs"

}  // namespace aisp::app
