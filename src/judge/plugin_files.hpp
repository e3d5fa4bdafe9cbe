// Which files a plugin needs to be loaded.
#pragma once

#include <string>
#include <vector>

namespace aisp::judge {

// The plugin, and those of the shared libraries in its folder or below that it or they need and find by $ORIGIN. A
// plugin's bytes are nobody's promise: a name that leads out of the folder, or to a file that is no shared library, is
// not followed.
std::vector<std::string> plugin_files(const std::string& plugin);

}  // namespace aisp::judge
