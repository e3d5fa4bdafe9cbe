#include "analysis/compare_runs.hpp"

#include "analysis/columns.hpp"
#include "analysis/pairs.hpp"
#include "analysis/table.hpp"
#include "record/json.hpp"
#include "record/text.hpp"
#include "stats/shift.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <nlohmann/json.hpp>
#include <set>

namespace aisp::analysis {
namespace {
using nlohmann::ordered_json;

constexpr std::array kKinds = {ChangeKind::regressed,  ChangeKind::improved,     ChangeKind::unchanged,
                               ChangeKind::unresolved, ChangeKind::incomparable, ChangeKind::added,
                               ChangeKind::gone};

const model::VariantEvidence* find(const model::TargetEvidence* e, const std::string& name) {
  if (e)
    for (const auto& v : e->variants)
      if (v.name == name) return &v;
  return nullptr;
}

stats::MedianInterval times(const model::VariantEvidence& v) {
  std::vector<double> seconds;
  for (const auto& s : v.samples)
    if (const double t = s.per_call(); std::isfinite(t) && t > 0) seconds.push_back(t);
  if (seconds.empty()) return {};
  return stats::median_interval(std::move(seconds));
}

// Runs, is right, and broke no rule: else the reason.
std::string defect(const model::VariantEvidence& v, const model::TargetVerdict* verdict) {
  if (v.status != model::Status::ok) return to_string(v.status);
  if (v.verification.wrong_calls) return "wrong output";
  if (verdict)
    for (const auto& x : verdict->violations)
      if (x.variant == v.name) return "violation " + record::shown(x.issue);
  return "";
}

bool disjoint(const model::Interval& a, const model::Interval& b) { return a.hi < b.lo || b.hi < a.lo; }

std::string problem_difference(const model::TargetEvidence& a, const model::TargetEvidence& b) {
  if (a.device != b.device) return "device " + record::shown(a.device) + " → " + record::shown(b.device);
  if (a.scale != b.scale) return "scale " + record::shown(a.scale) + " → " + record::shown(b.scale);
  const auto same = [](const auto& p, const auto& q) { return p.name == q.name && p.value == q.value; };
  if (!std::equal(a.params.begin(), a.params.end(), b.params.begin(), b.params.end(), same)) return "other sizes";
  if (a.cache != b.cache) return "cache " + record::shown(a.cache) + " → " + record::shown(b.cache);
  return "";
}

// Logarithms of baseline / variant, round by round.
std::vector<double> log_speedups(const model::TargetEvidence& e, const model::VariantEvidence& v) {
  std::vector<double> logs;
  for (const auto& restart : pair_up(e.variants.front(), v))
    for (std::size_t i = 0; i < restart.variant.size(); ++i) {
      const double ratio = restart.baseline[i] / restart.variant[i];
      if (std::isfinite(ratio) && ratio > 0) logs.push_back(std::log(ratio));
    }
  return logs;
}

bool is_baseline(const model::TargetEvidence& e, const model::VariantEvidence& v) {
  return v.name == e.variants.front().name;
}

// By what the speedups of two runs differ. Within a run, variant and baseline took turns: what slowed both is not in
// their ratio, so that this tells a change of the variant from one of the machine.
SpeedupChange speedup_change(const model::TargetEvidence& ea, const model::VariantEvidence& a,
                             const model::TargetEvidence& eb, const model::VariantEvidence& b) {
  const auto before = log_speedups(ea, a), after = log_speedups(eb, b);
  if (before.empty() || after.empty()) return {};
  const auto shift = stats::shift(before, after);
  return {.before = std::exp(stats::median(before)),
          .after = std::exp(stats::median(after)),
          .ratio = std::exp(shift.value),
          .interval = {std::exp(shift.interval.lo), std::exp(shift.interval.hi)},
          .confidence = shift.confidence};
}

// What the pairs say about a time that changed by `time_ratio`: that the variant changed, that the machine did (the
// speedup may be the same and cannot have changed by as much), or that they cannot tell.
std::string note_on(const SpeedupChange& s, double time_ratio, double least) {
  if (s.confidence <= 0) return "";
  const auto change = fmt::format("speedup {} → {}", format_speedup(s.before), format_speedup(s.after));
  const auto range = fmt::format("{:+.1f} … {:+.1f} %", (s.interval.lo - 1) * 100, (s.interval.hi - 1) * 100);
  if (s.interval.lo > 1 + least || s.interval.hi < 1 / (1 + least))
    return fmt::format("{}, {:+.1f} % ({}) by pairs", change, (s.ratio - 1) * 100, range);
  const auto holds = [&](double ratio) { return s.interval.lo <= ratio && ratio <= s.interval.hi; };
  if (holds(1) && !holds(1 / time_ratio)) return change + " did not change: the baseline moved as well";
  return fmt::format("{}, by pairs {}: too noisy to tell the variant from the machine", change, range);
}

Change compare(const std::string& target, const std::string& variant, const record::RunData& before,
               const record::RunData& after) {
  const auto *ea = before.evidence_of(target), *eb = after.evidence_of(target);
  const auto *a = find(ea, variant), *b = find(eb, variant);
  Change c;
  c.target = target;
  c.variant = variant;
  if (a) c.before = times(*a);
  if (b) c.after = times(*b);
  if (!a || !b) {
    c.kind = a ? ChangeKind::gone : ChangeKind::added;
    return c;
  }
  const auto other = problem_difference(*ea, *eb);
  if (!other.empty()) {
    c.kind = ChangeKind::incomparable;
    c.why = other;
    return c;
  }
  const auto *va = before.verdict_of(target), *vb = after.verdict_of(target);
  const auto da = defect(*a, va), db = defect(*b, vb);
  if (!da.empty() || !db.empty()) {
    c.kind = da.empty() ? ChangeKind::regressed : db.empty() ? ChangeKind::improved : ChangeKind::unchanged;
    c.why = fmt::format("{} → {}", da.empty() ? "ok" : da, db.empty() ? "ok" : db);
    return c;
  }
  if (c.before.median > 0 && c.after.median > 0) c.ratio = c.after.median / c.before.median;
  if (!is_baseline(*ea, *a) && !is_baseline(*eb, *b)) c.speedup = speedup_change(*ea, *a, *eb, *b);
  if (c.before.confidence <= 0 || c.after.confidence <= 0) {
    c.kind = ChangeKind::unresolved;
    c.why = fmt::format("{} and {} samples", a->samples.size(), b->samples.size());
    return c;
  }
  // What two copies of one program differed by within a run, two runs differ by as well.
  const double least = std::max({kLeastChange, ea->aa_floor, eb->aa_floor});
  if (disjoint(c.before.interval, c.after.interval) && std::abs(std::log(c.ratio)) > std::log1p(least)) {
    c.kind = c.ratio > 1 ? ChangeKind::regressed : ChangeKind::improved;
    c.why = note_on(c.speedup, c.ratio, least);
  }
  return c;
}

// Fields that differ between any two runs, or that follow from the run itself.
bool is_expected_to_differ(const std::string& field) {
  static const std::set<std::string> fields = {"run",
                                               "started",
                                               "finished",
                                               "seed",
                                               "interrupted",
                                               "publishable",
                                               "calibration",
                                               "settings.command_line",
                                               "settings.targets",
                                               "host.memory_available_bytes",
                                               "unpublishable_reasons"};
  return fields.contains(field);
}

// Libraries and settings are lists of a name and one value.
bool is_named(const ordered_json& list) {
  return list.is_array() && std::all_of(list.begin(), list.end(), [](const auto& x) {
           return x.is_object() && x.size() == 2 && x.contains("name") && x["name"].is_string();
         });
}

ordered_json by_name(const ordered_json& list) {
  auto object = ordered_json::object();
  for (const auto& x : list)
    for (const auto& [key, value] : x.items())
      if (key != "name") object[x["name"].get<std::string>()] = value;
  return object;
}

// Lists of facts, as of the GPUs: as an object by position, so that what differs is not cut off behind what does not.
bool has_facts(const ordered_json& list) {
  return list.is_array() && !list.empty() &&
         std::all_of(list.begin(), list.end(), [](const auto& x) { return x.is_object(); });
}

ordered_json by_position(const ordered_json& list) {
  auto object = ordered_json::object();
  for (std::size_t i = 0; i < list.size(); ++i) object[std::to_string(i)] = list[i];
  return object;
}

void walk(const std::string& prefix, const ordered_json& a, const ordered_json& b, std::vector<Difference>& out) {
  const auto text = [](const ordered_json& j) {
    return j.is_null() ? "–" : record::shown(j.is_string() ? j.get<std::string>() : j.dump(), 120);
  };
  for (const auto& [key, value] : b.items())
    if (!a.contains(key)) out.push_back({record::shown(prefix + key), "–", text(value)});
  for (const auto& [key, value] : a.items()) {
    const auto field = record::shown(prefix + key);
    if (is_expected_to_differ(field)) continue;
    if (!b.contains(key)) {
      out.push_back({field, text(value), "–"});
      continue;
    }
    if (value == b[key]) continue;
    if (value.is_object())
      walk(field + ".", value, b[key], out);
    else if (is_named(value) && is_named(b[key]))
      walk(field + ".", by_name(value), by_name(b[key]), out);
    else if (has_facts(value) && has_facts(b[key]) && value.size() == b[key].size())
      walk(field + ".", by_position(value), by_position(b[key]), out);
    else
      out.push_back({field, text(value), text(b[key])});
  }
}

}  // namespace

std::string to_string(ChangeKind kind) {
  switch (kind) {
    case ChangeKind::regressed: return "regressed";
    case ChangeKind::improved: return "improved";
    case ChangeKind::unchanged: return "unchanged";
    case ChangeKind::unresolved: return "unresolved";
    case ChangeKind::incomparable: return "incomparable";
    case ChangeKind::added: return "new";
    case ChangeKind::gone: return "gone";
  }
  return "?";
}

int RunComparison::count(ChangeKind kind) const {
  return static_cast<int>(
      std::count_if(changes.begin(), changes.end(), [&](const Change& c) { return c.kind == kind; }));
}

RunComparison compare_runs(const record::RunData& before, const record::RunData& after) {
  RunComparison comparison{before.manifest.run, after.manifest.run, {}, {}};
  std::set<std::pair<std::string, std::string>> seen;
  for (const auto* run : {&before, &after})
    for (const auto& e : run->evidence)
      for (const auto& v : e.variants)
        if (seen.emplace(e.target, v.name).second)
          comparison.changes.push_back(compare(e.target, v.name, before, after));
  walk("", ordered_json::parse(record::to_json(before.manifest)), ordered_json::parse(record::to_json(after.manifest)),
       comparison.differences);
  return comparison;
}

std::string comparison_text(const RunComparison& c, int width) {
  std::vector<std::string> counts;
  for (auto kind : kKinds)
    if (c.count(kind)) counts.push_back(fmt::format("{} {}", c.count(kind), to_string(kind)));
  auto out = wrapped(fmt::format("{} → {}: {}", record::shown(c.before), record::shown(c.after),
                                 counts.empty() ? "nothing to compare" : fmt::format("{}", fmt::join(counts, ", "))),
                     width);
  std::vector<std::vector<std::string>> rows;
  for (auto kind : kKinds) {
    if (kind == ChangeKind::unchanged) continue;
    for (const auto& x : c.changes) {
      if (x.kind != kind) continue;
      const auto times = x.ratio > 0 ? fmt::format("{} → {} ({:+.1f} % time)", format_seconds(x.before.median),
                                                   format_seconds(x.after.median), (x.ratio - 1) * 100)
                                     : "";
      rows.push_back({"  " + to_string(kind), record::shown(x.target) + " " + record::shown(x.variant), times, x.why});
    }
  }
  out += columns(rows, width);
  if (!c.differences.empty()) out += "The runs differ in:\n";
  for (const auto& d : c.differences)
    out += "  " + wrapped(fmt::format("{}: {} → {}", d.field, d.before, d.after), width - 2, 4);
  return out;
}

std::string to_json(const RunComparison& c) {
  const auto interval = [](const stats::MedianInterval& m) {
    return ordered_json{
        {"median", m.median}, {"lo", m.interval.lo}, {"hi", m.interval.hi}, {"confidence", m.confidence}};
  };
  ordered_json j{{"schema", 1}, {"before", c.before}, {"after", c.after}};
  j["changes"] = ordered_json::array();
  for (const auto& x : c.changes)
    j["changes"].push_back(ordered_json{{"target", x.target},
                                        {"variant", x.variant},
                                        {"kind", to_string(x.kind)},
                                        {"before_seconds", interval(x.before)},
                                        {"after_seconds", interval(x.after)},
                                        {"ratio", x.ratio},
                                        {"speedup_before", x.speedup.before},
                                        {"speedup_after", x.speedup.after},
                                        {"speedup_ratio",
                                         {{"value", x.speedup.ratio},
                                          {"lo", x.speedup.interval.lo},
                                          {"hi", x.speedup.interval.hi},
                                          {"confidence", x.speedup.confidence}}},
                                        {"why", x.why}});
  j["differences"] = ordered_json::array();
  for (const auto& d : c.differences)
    j["differences"].push_back(ordered_json{{"field", d.field}, {"before", d.before}, {"after", d.after}});
  return j.dump(1, ' ', false, ordered_json::error_handler_t::replace) + "\n";
}

}  // namespace aisp::analysis
