#include "app/sources.hpp"

#include <filesystem>
#include <fstream>
#include <iterator>

namespace aisp::app {
namespace fs = std::filesystem;

std::optional<std::string> source_text(const record::Paths& paths, const std::string& source) {
  const auto path = fs::path(source).lexically_normal();
  if (path.is_absolute() || path.empty() || *path.begin() == "..") return std::nullopt;
  std::error_code error;
  const auto file = paths.root() / "share/aisp" / path;
  if (!fs::is_regular_file(file, error)) return std::nullopt;
  std::ifstream in(file, std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(in), {}};
  if (!in && !in.eof()) return std::nullopt;
  return text;
}

}  // namespace aisp::app
