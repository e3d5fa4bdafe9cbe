// Text of others, as it may be shown on a terminal.
#pragma once

#include <string>
#include <string_view>

namespace aisp::app {

// Lines and tabs stay. Written as \x1b, byte by byte: control characters (C0, DEL, C1), what changes the direction of
// text or has no width (U+061C, U+200B to U+200F, U+2028 to U+202E, U+2060 to U+206F, U+FEFF), and bytes that are no
// UTF-8.
std::string escaped(std::string_view text);

}  // namespace aisp::app
