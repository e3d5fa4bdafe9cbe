#include "app/config_file.hpp"

#include "app/names.hpp"
#include "app/options.hpp"

#include <fmt/format.h>

#include <cstdlib>
#include <sstream>

namespace aisp::app {
namespace {

std::string trimmed(const std::string& text) {
  const auto first = text.find_first_not_of(" \t\r");
  return first == std::string::npos ? "" : text.substr(first, text.find_last_not_of(" \t\r") - first + 1);
}

// The part of a line before a comment, leaving '#' inside quotes alone; `closed` tells whether quotes are balanced.
std::string without_comment(const std::string& line, bool& closed) {
  char quote = 0;
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (quote) {
      if (line[i] == quote) quote = 0;
    } else if (line[i] == '"' || line[i] == '\'') {
      quote = line[i];
    } else if (line[i] == '#') {
      closed = true;
      return trimmed(line.substr(0, i));
    }
  }
  closed = quote == 0;
  return trimmed(line);
}

bool is_key(const std::string& text) {
  return !text.empty() && text.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.") ==
                              std::string::npos;
}

// What is wrong with a line, "" when nothing is. `in_array` carries an array that goes on over several lines.
std::string complaint(const std::string& raw, bool& in_array) {
  bool closed = true;
  const std::string line = without_comment(raw, closed);
  if (!closed) return "a quote is not closed";
  if (line.empty()) return "";
  if (in_array) {
    in_array = line.back() != ']';
    return "";
  }
  if (line.front() == '[') {
    if (line.back() == ']' && is_key(line.substr(1, line.size() - 2))) return "";
    return "a section is written [bench.run]";
  }
  const auto equals = line.find('=');
  if (equals == std::string::npos || !is_key(trimmed(line.substr(0, equals))))
    return "expected key = value or [section]";
  const std::string value = trimmed(line.substr(equals + 1));
  if (value.empty()) return "the value is missing";
  in_array = value.front() == '[' && value.back() != ']';
  return "";
}

bool set_by_environment(const std::string& setting) {
  const auto present = [](const char* name) { return std::getenv(name) != nullptr; };
  return (setting == "scale" && present(kFastBench)) || (setting == "artifacts-dir" && present(kHome)) ||
         (setting == "allow-virtualization" && present(kAllowVirtualization));
}

}  // namespace

std::vector<CLI::ConfigItem> ConfigFile::from_config(std::istream& input) const {
  std::string text, line;
  bool in_array = false;
  for (int number = 1; std::getline(input, line); ++number) {
    const std::string wrong = complaint(line, in_array);
    if (!wrong.empty())
      throw CLI::ConfigError(fmt::format("line {}: {}, found '{}'", number, wrong, one_line(line.substr(0, 60))));
    text += line + '\n';
  }
  if (in_array) throw CLI::ConfigError("an array is not closed with ]");
  std::istringstream checked(text);
  auto settings = CLI::ConfigTOML::from_config(checked);
  std::erase_if(settings, [](const CLI::ConfigItem& item) { return set_by_environment(item.name); });
  measuring_.clear();
  for (const auto& item : settings)
    if (item.name == "seed" || item.name == "restarts" || item.name == "pairs")
      measuring_.push_back({item.parents, item.name, fmt::format("{}", fmt::join(item.inputs, " "))});
  return settings;
}

}  // namespace aisp::app
