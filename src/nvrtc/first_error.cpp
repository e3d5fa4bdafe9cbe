#include "nvrtc/first_error.hpp"

#include "model/text.hpp"

#include <algorithm>
#include <cctype>
#include <sstream>

namespace aisp::nvrtc {
namespace {

// "mine.cu(12): error" → "mine.cu:12: error"
std::string with_colons(std::string line) {
  std::size_t close = std::string::npos;
  for (const char* kind : {"): error:", "): fatal error:", "): catastrophic error:"})
    close = std::min(close, line.find(kind));
  const auto open = line.rfind('(', close);
  if (close == std::string::npos || open == std::string::npos || open + 1 == close) return line;
  for (auto i = open + 1; i < close; ++i)
    if (!std::isdigit(static_cast<unsigned char>(line[i]))) return line;
  line[open] = ':';
  line.erase(close, 1);
  return line;
}

}  // namespace

std::string first_error(const std::string& output) {
  std::istringstream lines(output);
  std::string first;
  for (std::string line; std::getline(lines, line);) {
    if (line.find("error:") != std::string::npos || line.find("Error:") != std::string::npos)
      return model::printable(with_colons(line));
    if (first.empty()) first = line;
  }
  return first.empty() ? "the compiler gave no message" : model::printable(first);
}

}  // namespace aisp::nvrtc
