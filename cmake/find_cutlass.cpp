// Prints the first folder of CUTLASS's headers that knows Hopper: where the arguments say, else where
// `aisp utils detect-cutlass` looks.
#include "tools/cutlass.hpp"

#include <algorithm>
#include <iostream>
#include <span>

int main(int argc, char** argv) {
  using namespace aisp::tools;
  std::vector<CutlassPlace> places;
  for (const std::string root : std::span(argv + 1, static_cast<std::size_t>(argc - 1))) {
    places.push_back({root, "argument"});
    places.push_back({root + "/include", "argument"});
  }
  for (const auto& found : find_cutlass(places.empty() ? cutlass_places() : places))
    if (std::find(found.features.begin(), found.features.end(), "Hopper (sm90)") != found.features.end()) {
      std::cout << std::filesystem::absolute(found.place.include).string();
      return 0;
    }
  return 1;
}
