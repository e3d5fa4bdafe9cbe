// Words of users and files in messages.
#pragma once

#include <string>
#include <string_view>

namespace aisp::record {

// At most `limit` bytes, control characters as '?', so that a message stays one short line.
inline std::string shown(std::string_view text, std::size_t limit = 80) {
  std::string out(text.substr(0, limit));
  for (char& c : out)
    if ((c >= 0 && c < ' ') || c == '\x7f') c = '?';
  return text.size() > limit ? out + "…" : out;
}

}  // namespace aisp::record
