#include "validity/checks.hpp"

#include <set>
#include <sstream>

namespace aisp::validity {
namespace {

// Of a list of flags, or of a whole command, what decides on the arithmetic and the effort of the compiler. Where files
// lie, for which processor code is made and how it is linked may differ.
std::set<std::string> flags_of(const std::string& text) {
  static const std::set<std::string> kLinkage{"-fPIC", "-fpic", "-fPIE", "-fvisibility=hidden", "-fno-gnu-unique"};
  std::set<std::string> flags;
  if (text.starts_with("NVRTC")) flags.insert("-O3");  // what it does without being told
  std::istringstream words(text);
  for (std::string word; words >> word;) {
    const bool effort = word.starts_with("-O"), code = word.starts_with("-f") && !kLinkage.contains(word);
    const bool rounding = word.starts_with("--fmad") || word.starts_with("--ftz") || word.starts_with("--prec-") ||
                          word.find("fast_math") != std::string::npos;
    if (effort || code || rounding) flags.insert(word);
  }
  return flags;
}

bool known(const std::string& flags) { return !flags.empty() && !flags.starts_with("not known"); }

void check_flags(const model::TargetEvidence& e, const model::VariantEvidence& v, Findings& found) {
  const auto& baseline = e.variants.front();
  if (v.peer || !known(v.compile_flags) || !known(baseline.compile_flags)) return;
  if (flags_of(v.compile_flags) != flags_of(baseline.compile_flags))
    found.add("compile.backend_asymmetry", "compiled with " + v.compile_flags,
              baseline.compile_flags + ", as the baseline", "compile all variants of a target with the same flags");
}

void check_nodes(const model::TargetEvidence& e, const model::VariantEvidence& v, Findings& found) {
  const auto& baseline = e.variants.front();
  if (v.numa_nodes.empty() || baseline.numa_nodes.empty()) return;
  // More threads may need more nodes; the first one is where the memory of both is.
  if (v.numa_nodes.front() != baseline.numa_nodes.front())
    found.add("environment.numa_inconsistency", fmt::format("NUMA node {}", v.numa_nodes.front()),
              fmt::format("node {}, as the baseline", baseline.numa_nodes.front()), "run all variants on one node");
}

}  // namespace

void check_equality(const model::TargetEvidence& e, const model::VariantEvidence& v, Findings& found) {
  if (e.variants.empty() || &v == &e.variants.front()) return;
  check_flags(e, v, found);
  check_nodes(e, v, found);
}

}  // namespace aisp::validity
