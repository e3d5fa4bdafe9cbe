#include "app/programs.hpp"

#include <unistd.h>

#include <cstdlib>
#include <sstream>

namespace aisp::app {
namespace fs = std::filesystem;

fs::path find_program(const std::string& name, const std::vector<fs::path>& folders) {
  const auto runs = [](const fs::path& file) {
    std::error_code ignored;
    return fs::is_regular_file(file, ignored) && ::access(file.c_str(), X_OK) == 0;
  };
  const char* path = std::getenv("PATH");
  std::istringstream list(path ? path : "/usr/bin:/bin");
  for (std::string folder; std::getline(list, folder, ':');)
    if (const auto file = fs::path(folder.empty() ? "." : folder) / name; runs(file)) return file;
  for (const auto& folder : folders)
    if (runs(folder / name)) return folder / name;
  return {};
}

}  // namespace aisp::app
