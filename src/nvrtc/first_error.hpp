// What a user sees of a compiler's output: one line.
#pragma once

#include <string>

namespace aisp::nvrtc {

// The first line that holds "error:", else the first line, safe to show; places read FILE:LINE, whichever way the
// compiler spells them.
std::string first_error(const std::string& output);

}  // namespace aisp::nvrtc
