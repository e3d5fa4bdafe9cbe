// Sources of the compiled-in targets, where they are at hand: in a build tree, and in an installation that has them.
#pragma once

#include "record/paths.hpp"

#include <optional>
#include <string>

namespace aisp::app {

// A file by its path in the repository: "chapters/ch09/softmax/online.cu". Nothing when it is not there, and for a path
// that leads out of the sources.
std::optional<std::string> source_text(const record::Paths&, const std::string& source);

}  // namespace aisp::app
