#include "judge/plugin_files.hpp"

#include "device/cpu/elf.hpp"

#include <algorithm>
#include <filesystem>

namespace aisp::judge {
namespace fs = std::filesystem;
namespace {

constexpr std::size_t kMostFiles = 64;

// "$ORIGIN/lib" of a file in /a/b is /a/b/lib; "" for a folder that is not named after the file's own.
fs::path from_origin(const std::string& folder, const fs::path& origin) {
  for (const std::string word : {"$ORIGIN", "${ORIGIN}"})
    if (folder == word || folder.starts_with(word + "/"))
      return origin / fs::path(folder.substr(word.size())).relative_path();
  return {};
}

bool below(const fs::path& file, const fs::path& folder) {
  const auto end = std::mismatch(folder.begin(), folder.end(), file.begin(), file.end());
  return end.first == folder.end();
}

}  // namespace

std::vector<std::string> plugin_files(const std::string& plugin) {
  std::vector<std::string> files{plugin};
  std::error_code error;
  const auto home = fs::canonical(fs::path(plugin).parent_path(), error);
  if (error) return files;
  for (std::size_t i = 0; i < files.size(); ++i) {
    const auto bytes = device::content_of(files[i]);
    const auto linkage = device::linkage_of(bytes);
    const auto origin = fs::path(files[i]).parent_path();
    for (const auto& name : linkage.needed)
      for (const auto& folder : linkage.folders) {
        const auto path = from_origin(folder, origin);
        if (path.empty() || name.empty() || name.find('/') != std::string::npos || files.size() >= kMostFiles) continue;
        const auto file = (path / name).lexically_normal().string();
        const auto real = fs::canonical(file, error);
        if (error || !below(real, home) || std::find(files.begin(), files.end(), file) != files.end()) continue;
        const auto content = device::content_of(real);
        if (const auto header = device::at<Elf64_Ehdr>(content, 0);
            header && std::equal(ELFMAG, ELFMAG + SELFMAG, header->e_ident) && header->e_type == ET_DYN)
          files.push_back(file);
      }
  }
  return files;
}

}  // namespace aisp::judge
