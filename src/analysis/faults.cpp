#include "analysis/faults.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace aisp::analysis {

std::string ending(const model::VariantEvidence& v) {
  return to_string(v.status) + (v.message.empty() ? "" : ": " + v.message);
}

std::string first_wrong(const model::VariantEvidence& v) {
  const auto& f = v.verification.first_failure;
  if (!f) return {};
  return fmt::format("wrong in {}: {} of {} elements of {}, first at {}: got {:.9g}, expected {:.9g}",
                     v.verification.failed_case.empty() ? "–" : v.verification.failed_case, f->wrong, f->elements,
                     f->tensor, f->first_wrong, f->got, f->expected);
}

std::string refused_calls(const model::VariantEvidence& v) {
  constexpr std::size_t kMost = 6;
  std::string list;
  for (std::size_t i = 0; i < std::min(v.refusals.size(), kMost); ++i) {
    const auto& r = v.refusals[i];
    list += fmt::format("{}{}{} {}", list.empty() ? "" : ", ", r.syscall, r.detail.empty() ? "" : " (" + r.detail + ")",
                        r.count == 1 ? "once" : fmt::format("{} times", r.count));
  }
  if (list.empty()) return {};
  if (v.refusals.size() > kMost) list += fmt::format(" and {} more kinds of calls", v.refusals.size() - kMost);
  return fmt::format(
      "the sandbox refused {}; each refusal waits 1 to 20 ms for the judge, and within a timed call counts", list);
}

std::vector<std::string> faults(const model::TargetEvidence& e, const model::TargetVerdict& verdict) {
  std::vector<std::string> lines;
  for (const auto& v : e.variants) {
    const auto add = [&](const std::string& what) { lines.push_back(fmt::format("{}: {}", v.name, what)); };
    if (v.status != model::Status::ok) add(ending(v));
    if (const auto wrong = first_wrong(v); !wrong.empty()) add(wrong);
    for (const auto& s : v.source_switches)
      if (!s.optimises) add(fmt::format("its source sets {} at {}", s.text, s.where));
    for (const auto& x : verdict.violations)
      if (x.variant == v.name) add(fmt::format("{}: {}; expected: {}. {}", x.issue, x.seen, x.expected, x.advice));
    for (const auto& judged : verdict.variants)
      if (judged.name == v.name && judged.sol > 1)
        for (const auto& note : judged.notes)
          if (note.find("speed of light") != std::string::npos) add(note);
  }
  return lines;
}

}  // namespace aisp::analysis
