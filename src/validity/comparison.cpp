#include "validity/checks.hpp"

#include <set>
#include <sstream>

namespace aisp::validity {
namespace {

// What a flag of the form -f... does not change: how code is linked, shown and threaded. OpenMP is on the list because
// it gives meaning to pragmas of the source and to nothing else.
bool is_free(const std::string& flag) {
  static const std::set<std::string> kFree{"-fPIC", "-fpic", "-fPIE", "-fpie", "-fno-gnu-unique", "-fopenmp-simd"};
  for (const char* prefix :
       {"-fopenmp", "-fvisibility", "-fuse-ld=", "-fdiagnostics", "-fcolor-", "-fmax-errors", "-ferror-limit"})
    if (flag.starts_with(prefix)) return true;
  return kFree.contains(flag);
}

// Of a list of flags, or of a whole command, what decides on the arithmetic and the effort of the compiler. Where files
// lie, for which processor code is made and how it is linked may differ. Of several -O the last one counts.
std::set<std::string> flags_of(const std::string& text) {
  std::set<std::string> flags;
  std::string effort;
  if (text.starts_with("NVRTC")) effort = "-O3";  // what it does without being told
  const auto add = [&](const std::string& word) {
    const bool rounding = word.starts_with("--fmad") || word.starts_with("--ftz") || word.starts_with("--prec-") ||
                          word.find("fast_math") != std::string::npos;
    if (word.starts_with("-O"))
      effort = word;
    else if (rounding || (word.starts_with("-f") && !is_free(word)))
      flags.insert(word);
  };
  std::istringstream words(text);
  for (std::string word, next; words >> word;) {
    if (word == "-Xcompiler" && words >> next) word = "-Xcompiler=" + next;
    const bool passed_on = word == "-Xclang" || word == "-mllvm" || word == "--param" || word == "-Xptxas";
    if (passed_on && words >> next) flags.insert(word + " " + next);
    if (passed_on) continue;
    if (word.starts_with("--param=") || word.starts_with("-Xptxas=") || word.starts_with("-specs=") ||
        word.starts_with("@"))
      flags.insert(word);
    if (!word.starts_with("-Xcompiler=")) {
      add(word);
      continue;
    }
    std::istringstream host(word.substr(std::string("-Xcompiler=").size()));
    for (std::string flag; std::getline(host, flag, ',');)
      if (flag.starts_with("-O") || (flag.starts_with("-f") && !is_free(flag))) flags.insert("host " + flag);
  }
  if (!effort.empty()) flags.insert(effort);
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

// What a source sets for itself counts as a flag that the baseline lacks.
void check_source(const model::VariantEvidence& v, Findings& found) {
  if (v.peer) return;
  std::string seen;
  for (const auto& s : v.source_switches)
    if (s.optimises) seen += fmt::format("{}{} at {}", seen.empty() ? "" : ", ", s.text, s.where);
  if (!seen.empty())
    found.add("compile.backend_asymmetry", "its source sets " + seen, "the flags of the command line alone",
              "leave optimisation to the flags, which are the baseline's");
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
  check_source(v, found);
  check_nodes(e, v, found);
}

}  // namespace aisp::validity
