#include "app/escaped.hpp"

#include <fmt/format.h>

#include <cstdint>

namespace aisp::app {
namespace {

struct Point {
  char32_t value = 0;
  std::size_t bytes = 0;  // 0: no UTF-8
};

Point point_at(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = byte(0);
  if (first < 0x80) return {first, 1};
  const std::size_t bytes = first >= 0xf0 && first < 0xf5   ? 4
                            : first >= 0xe0 && first < 0xf0 ? 3
                            : first >= 0xc2 && first < 0xe0 ? 2
                                                            : 0;
  if (bytes == 0 || text.size() < bytes) return {};
  char32_t value = first & (0xff >> (bytes + 1));
  for (std::size_t i = 1; i < bytes; ++i) {
    if ((byte(i) & 0xc0) != 0x80) return {};
    value = value << 6 | (byte(i) & 0x3f);
  }
  constexpr char32_t kLeast[] = {0, 0, 0x80, 0x800, 0x10000};
  if (value < kLeast[bytes] || value > 0x10ffff || (value >= 0xd800 && value < 0xe000)) return {};
  return {value, bytes};
}

bool shows(char32_t c) {
  if (c == '\n' || c == '\t') return true;
  const bool control = c < 0x20 || (c >= 0x7f && c < 0xa0);
  const bool unseen = c == 0x61c || (c >= 0x200b && c <= 0x200f) || (c >= 0x2028 && c <= 0x202e) ||
                      (c >= 0x2060 && c <= 0x206f) || c == 0xfeff;
  return !control && !unseen;
}

}  // namespace

std::string escaped(std::string_view text) {
  std::string shown;
  while (!text.empty()) {
    const auto point = point_at(text);
    const auto bytes = point.bytes ? point.bytes : 1;
    if (point.bytes && shows(point.value))
      shown += text.substr(0, bytes);
    else
      for (const unsigned char c : text.substr(0, bytes)) shown += fmt::format("\\x{:02x}", c);
    text.remove_prefix(bytes);
  }
  return shown;
}

}  // namespace aisp::app
