// Finding CUTLASS, a library of headers: where it lies, which version, what of it is there.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace aisp::tools {

struct CutlassPlace {
  std::filesystem::path include;  // the folder that would go to -I
  std::string why;                // "CUTLASS_DIR", "CUDA toolkit", …
};

struct CutlassFound {
  CutlassPlace place;
  std::string version;                // "4.2.1"
  std::vector<std::string> features;  // "CuTe", "Hopper (sm90)", …
};

// Where to look, in this order: environment, toolkit, system, below the current folder and home, Python packages.
std::vector<CutlassPlace> cutlass_places();
// The places that hold a cutlass/version.h with a version in it, each folder once.
std::vector<CutlassFound> find_cutlass(const std::vector<CutlassPlace>&);
// "4.2.1" from the text of cutlass/version.h; "" when it has none.
std::string cutlass_version(std::string_view header);

}  // namespace aisp::tools
