// Where the running binary finds its parts. The build tree and an installation have the same layout below one root:
//
//   bin/aisp                      share/aisp/targets.json
//   bin/aisp-worker, aisp-replay  (build tree) or in libexec/aisp/ (installed)
//   lib/aisp/workloads/*.so       lib/aisp/variants/*.so
//                                 share/aisp/chapters/, share/aisp/labs/ (links into the sources in the build tree)
#pragma once

#include <filesystem>

namespace aisp::record {

class Paths {
 public:
  // Of the running executable (/proc/self/exe).
  static Paths of_this_binary();
  explicit Paths(std::filesystem::path root) : root_(std::move(root)) {}

  const std::filesystem::path& root() const { return root_; }
  std::filesystem::path index() const { return root_ / "share/aisp/targets.json"; }
  std::filesystem::path workloads() const { return root_ / "lib/aisp/workloads"; }
  std::filesystem::path variants() const { return root_ / "lib/aisp/variants"; }
  // The folder of a chapter's sources and expectations: "ch09", "labs/decode".
  std::filesystem::path chapter(const std::string& chapter) const;
  std::filesystem::path worker() const;   // throws StoreError that names both places when there is none
  std::filesystem::path replay() const;   // so does this
  std::filesystem::path include() const;  // the author's headers; the build tree's are in its source folder

 private:
  std::filesystem::path program(const char* name) const;
  std::filesystem::path root_;
};

}  // namespace aisp::record
