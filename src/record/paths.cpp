#include "record/paths.hpp"

#include "record/store_error.hpp"

#include <system_error>

namespace aisp::record {

namespace fs = std::filesystem;

Paths Paths::of_this_binary() {
  std::error_code error;
  const auto binary = fs::read_symlink("/proc/self/exe", error);
  if (error) throw StoreError("cannot tell where this binary is: /proc/self/exe: " + error.message());
  // <root>/bin/aisp and <root>/libexec/aisp/aisp-worker
  const auto folder = binary.parent_path();
  return Paths(folder.filename() == "bin" ? folder.parent_path() : folder.parent_path().parent_path());
}

fs::path Paths::chapter(const std::string& chapter) const {
  const auto sources = root_ / "share/aisp";
  return chapter.starts_with("labs/") ? sources / chapter : sources / "chapters" / chapter;
}

fs::path Paths::worker() const { return program("aisp-worker"); }
fs::path Paths::replay() const { return program("aisp-replay"); }

fs::path Paths::program(const char* name) const {
  const auto built = root_ / "bin" / name, installed = root_ / "libexec/aisp" / name;
  std::error_code error;
  if (fs::exists(installed, error)) return installed;
  if (fs::exists(built, error)) return built;
  throw StoreError(std::string("no ") + name + " in " + installed.string() + " or " + built.string() +
                   "; build or install again");
}

fs::path Paths::include() const {
  std::error_code error;
  const auto installed = root_ / "include";
  if (fs::exists(installed / "aisp/plugin.h", error)) return installed;
  return root_.parent_path() / "include";
}

}  // namespace aisp::record
