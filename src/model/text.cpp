#include "model/text.hpp"

#include <algorithm>
#include <cstdint>

namespace aisp::model {
namespace {

struct Character {
  std::uint32_t code = 0;
  std::size_t bytes = 1;
  bool valid = false;
};

// The first character of a text that is not empty. Overlong forms, surrogates and codes above U+10FFFF are not valid:
// a terminal may decode "c0 9b" to a control character.
Character first_of(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const std::uint32_t lead = byte(0);
  if (lead < 0x80) return {lead, 1, true};
  const std::size_t bytes = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
  if (lead < 0xc2 || lead > 0xf4 || text.size() < bytes) return {};
  std::uint32_t code = lead & (0x7fu >> bytes);
  for (std::size_t i = 1; i < bytes; ++i) {
    if ((byte(i) & 0xc0) != 0x80) return {};
    code = code << 6 | (byte(i) & 0x3fu);
  }
  constexpr std::uint32_t kLeast[] = {0x80, 0x800, 0x10000};
  const bool valid = code >= kLeast[bytes - 2] && code <= 0x10ffff && !(code >= 0xd800 && code <= 0xdfff);
  return valid ? Character{code, bytes, true} : Character{};
}

bool breaks_line(std::uint32_t c) { return (c >= '\t' && c <= '\r') || c == 0x85 || c == 0x2028 || c == 0x2029; }

bool hidden(std::uint32_t c) {
  struct Range {
    std::uint32_t first, last;
  };
  static constexpr Range kHidden[] = {
      {0x00, 0x1f},        // C0
      {0x7f, 0x9f},        // DEL, C1
      {0xad, 0xad},        // soft hyphen
      {0x61c, 0x61c},      // Arabic letter mark
      {0x180b, 0x180f},    // Mongolian separators
      {0x200b, 0x200f},    // zero-width characters, left-to-right and right-to-left marks
      {0x202a, 0x202e},    // bidirectional embeddings and overrides
      {0x2060, 0x206f},    // word joiner, bidirectional isolates, deprecated controls
      {0xfeff, 0xfeff},    // byte-order mark
      {0xfff9, 0xfffb},    // interlinear annotation
      {0xe0000, 0xe0fff},  // tags, variation selectors
  };
  return std::any_of(std::begin(kHidden), std::end(kHidden), [c](Range r) { return c >= r.first && c <= r.last; });
}

// Every character that is not valid or hidden becomes '?'; `keep` decides first.
template <class Keep> std::string replaced(std::string_view text, std::size_t limit, Keep keep) {
  std::string out;
  std::size_t taken = 0;
  while (!text.empty()) {
    const auto c = first_of(text);
    if (c.bytes > limit - taken) return out + "…";
    taken += c.bytes;
    if (c.valid && keep(c.code))
      out += text.substr(0, c.bytes);
    else if (c.valid && breaks_line(c.code))
      out += ' ';
    else
      out += '?';
    text.remove_prefix(c.bytes);
  }
  return out;
}

}  // namespace

std::string printable(std::string_view text, std::size_t limit) {
  return replaced(text, limit, [](std::uint32_t c) { return !hidden(c) && !breaks_line(c); });
}

std::string without_hidden(std::string_view text) {
  return replaced(text, std::string_view::npos,
                  [](std::uint32_t c) { return c < 0x80 || (!hidden(c) && !breaks_line(c)); });
}

}  // namespace aisp::model
