#include "tools/cutlass.hpp"

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <set>
#include <utility>

namespace aisp::tools {
namespace {
namespace fs = std::filesystem;

constexpr std::size_t kMaxHeader = 1 << 16, kMaxFolders = 200;

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value ? value : "";
}

std::string start_of(const fs::path& file) {
  std::ifstream in(file);
  std::string text(kMaxHeader, '\0');
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(std::max<std::streamsize>(0, in.gcount())));
  return text;
}

// The number behind "#define NAME".
std::string defined(std::string_view header, const std::string& name) {
  const auto at = header.find("#define " + name + " ");
  if (at == std::string_view::npos) return "";
  auto rest = header.substr(at + 9 + name.size());
  rest.remove_prefix(std::min(rest.find_first_not_of(' '), rest.size()));
  std::string digits;
  while (digits.size() < 6 && digits.size() < rest.size() &&
         std::isdigit(static_cast<unsigned char>(rest[digits.size()])))
    digits += rest[digits.size()];
  return digits;
}

// Folders of `parent` whose name starts with `prefix`.
std::vector<fs::path> beginning_with(const fs::path& parent, const std::string& prefix) {
  std::vector<fs::path> found;
  std::error_code error;
  for (fs::directory_iterator it(parent, fs::directory_options::skip_permission_denied, error), end;
       !error && it != end && found.size() < kMaxFolders; it.increment(error))
    if (it->path().filename().string().starts_with(prefix)) found.push_back(it->path());
  std::sort(found.rbegin(), found.rend());
  return found;
}

}  // namespace

std::string cutlass_version(std::string_view header) {
  const auto major = defined(header, "CUTLASS_MAJOR"), minor = defined(header, "CUTLASS_MINOR"),
             patch = defined(header, "CUTLASS_PATCH");
  return major.empty() || minor.empty() ? "" : major + "." + minor + (patch.empty() ? "" : "." + patch);
}

std::vector<CutlassPlace> cutlass_places() {
  std::vector<CutlassPlace> places;
  for (const char* name : {"CUTLASS_DIR", "CUTLASS_PATH", "CUTLASS_HOME", "CUTLASS_INCLUDE_DIR"})
    if (const auto root = variable(name); !root.empty()) {
      places.push_back({fs::path(root) / "include", name});
      places.push_back({root, name});
    }
  for (const char* name : {"CUDA_HOME", "CUDA_PATH"})
    if (const auto root = variable(name); !root.empty()) places.push_back({fs::path(root) / "include", name});
  places.push_back({"/usr/local/cuda/include", "CUDA toolkit"});
  places.push_back({"/usr/include", "system"});
  places.push_back({"/usr/local/include", "system"});
  for (const auto& folder : beginning_with("/opt", "cutlass")) places.push_back({folder / "include", "/opt"});
  for (const char* folder : {"cutlass", "third_party/cutlass", "3rdparty/cutlass", "external/cutlass"})
    places.push_back({fs::path(folder) / "include", "current folder"});
  if (const auto home = variable("HOME"); !home.empty())
    places.push_back({fs::path(home) / "cutlass" / "include", "home"});
  // Wheels carry the headers: cutlass_library (nvidia-cutlass), flashinfer.
  std::vector<std::pair<fs::path, std::string>> pythons{{"/usr/lib/python3", "Python"}};
  for (const char* name : {"VIRTUAL_ENV", "CONDA_PREFIX"})
    if (const auto root = variable(name); !root.empty())
      for (auto& python : beginning_with(fs::path(root) / "lib", "python3"))
        pythons.emplace_back(std::move(python), name);
  for (auto& python : beginning_with("/usr/local/lib", "python3")) pythons.emplace_back(std::move(python), "Python");
  for (const auto& [python, why] : pythons)
    for (const char* packages : {"site-packages", "dist-packages"})
      for (const char* package : {"cutlass_library/source/include", "flashinfer/data/cutlass/include"})
        places.push_back({python / packages / package, why});
  return places;
}

std::vector<CutlassFound> find_cutlass(const std::vector<CutlassPlace>& places) {
  const std::pair<const char*, const char*> kFeatures[] = {
      {"CuTe", "cute/tensor.hpp"},
      {"Ampere (sm80)", "cutlass/arch/mma_sm80.h"},
      {"Hopper (sm90)", "cutlass/arch/mma_sm90.h"},
      {"Blackwell (sm100)", "cutlass/arch/mma_sm100.h"},
      {"block-scaled types", "cutlass/detail/sm100_blockscaled_layout.hpp"}};
  std::vector<CutlassFound> found;
  std::set<fs::path> seen;
  for (const auto& place : places) {
    std::error_code error;
    const auto header = place.include / "cutlass" / "version.h";
    if (!fs::is_regular_file(header, error) || !seen.insert(fs::weakly_canonical(place.include, error)).second)
      continue;
    const auto version = cutlass_version(start_of(header));
    if (version.empty()) continue;
    CutlassFound f{place, version, {}};
    for (const auto& [feature, file] : kFeatures)
      if (fs::exists(place.include / file, error)) f.features.emplace_back(feature);
    found.push_back(std::move(f));
  }
  return found;
}

}  // namespace aisp::tools
