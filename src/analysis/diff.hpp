// The difference of two texts as patch(1) reads it. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace aisp::analysis {

// Unified diff, line by line: "--- …", "+++ …", then hunks with `context` unchanged lines around what changed; nothing
// when the texts are equal. The changes are as few as possible (Myers, "An O(ND) difference algorithm", 1986).
std::vector<std::string> unified_diff(std::string_view before, std::string_view after, const std::string& before_name,
                                      const std::string& after_name, int context = 3);

}  // namespace aisp::analysis
