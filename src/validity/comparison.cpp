#include "validity/checks.hpp"

#include <algorithm>
#include <sstream>

namespace aisp::validity {
namespace {

// Flags that may differ: for which processor code is made is said by its file's name.
std::vector<std::string> flags_of(const std::string& text) {
  std::vector<std::string> flags;
  std::istringstream words(text);
  for (std::string word; words >> word;)
    if (!word.starts_with("sm_") && !word.starts_with("-march") && !word.starts_with("-mtune")) flags.push_back(word);
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
