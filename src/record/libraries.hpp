// Which libraries a run's figures may depend on, with their versions.
#pragma once

#include <string>
#include <vector>

namespace aisp::record {

struct Library {
  std::string name, version;  // version "" = not present
};

// What is linked and what variants may open at run time; of CUDA's libraries only where `cuda` says that they matter.
// Those that are opened are asked in a short-lived child, so that their threads and memory never reach this process.
std::vector<Library> library_versions(bool cuda = false);

}  // namespace aisp::record
