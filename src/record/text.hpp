// Words of users and files in messages.
#pragma once

#include "model/text.hpp"

#include <string>
#include <string_view>

namespace aisp::record {

// At most `limit` bytes, so that a message stays one short line.
inline std::string shown(std::string_view text, std::size_t limit = 80) { return model::printable(text, limit); }

}  // namespace aisp::record
