#include "validity/catalogue.hpp"

#include <fmt/format.h>

namespace aisp::validity {
namespace {

std::string proof_of(const Issue& issue) {
  std::string text;
  for (const auto& a : issue.attacks) {
    const auto where = a.form == Form::simulated ? "simulated" : a.device == "cuda" ? "CUDA" : "CPU";
    text += fmt::format("{}`{}` ({}{})", text.empty() ? "" : ", ", a.name, where,
                        a.gpus ? fmt::format(", {} GPUs", a.gpus) : "");
  }
  return text.empty() ? fmt::format("not yet: {}", issue.not_run) : text;
}

}  // namespace

std::string wall_of_shame() {
  std::string text =
      "# Wall of shame\n\n"
      "<!-- Generated from src/validity/catalogue.cpp: AISP_UPDATE_DOCS=1 build/tests/unit/validity_catalogue_test "
      "-->\n\n"
      "Ninety-five ways in which a benchmark lies, most of which have been seen in the open. For each: what protects "
      "against it\n"
      "here (by *structure*, the attempt yields nothing; by a *check* of evidence, which names it; by facts about the\n"
      "*environment*), and the attacks of the corpus that prove it. `aisp validity prove` runs them.\n";
  std::string_view category;
  for (const auto& issue : catalogue()) {
    if (issue.category() != category) {
      category = issue.category();
      text += fmt::format("\n## {}\n", category);
    }
    text += fmt::format("\n**{}**: {}.\n", issue.id, issue.what);
    text += fmt::format("- protected by {}: {}\n", to_string(issue.by), issue.protection);
    if (!issue.incident.empty()) text += fmt::format("- in public: {} ([source]({}))\n", issue.incident, issue.source);
    text += fmt::format("- proof: {}\n", proof_of(issue));
  }
  return text;
}

}  // namespace aisp::validity
