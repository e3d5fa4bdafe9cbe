#include "analysis/expectations.hpp"

#include "analysis/table.hpp"
#include "record/calibration.hpp"
#include "record/text.hpp"
#include "stats/stats.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <map>
#include <nlohmann/json.hpp>

namespace aisp::analysis {
namespace {
using model::Interval;
using model::VariantEvidence;
using model::VariantVerdict;
using nlohmann::ordered_json;
using record::Expectation;
using record::ExpectedVariant;
using record::Provenance;
using record::shown;

constexpr std::array kOutcomes = {Outcome::regressed,  Outcome::missing, Outcome::improved,
                                  Outcome::unresolved, Outcome::added,   Outcome::ok};

template <class T> const T* named(const std::vector<T>& all, const std::string& name) {
  for (const auto& x : all)
    if (x.name == name) return &x;
  return nullptr;
}

bool same_params(const std::vector<model::ParamValue>& a, const std::vector<model::ParamValue>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](const auto& p, const auto& q) { return p.name == q.name && p.value == q.value; });
}

// Runs, is right, and broke no rule: else the reason.
std::string defect(const VariantVerdict& v, const model::TargetVerdict& verdict) {
  if (!v.correct) return v.why.empty() ? "not verified" : shown(v.why, 200);
  for (const auto& x : verdict.violations)
    if (x.variant == v.name) return "violation: " + shown(x.issue);
  return "";
}

// When the variant takes as long as it did then, it is the baseline that changed.
std::string baseline_note(const ExpectedVariant& expected, const VariantVerdict& measured, bool regressed) {
  const auto &e = expected.median_interval, &m = measured.median_interval;
  if (e.hi <= 0 || m.hi <= 0 || (regressed ? m.lo > e.hi : m.hi < e.lo)) return "";
  return fmt::format("its own time is no {} than expected: the baseline became {}", regressed ? "longer" : "shorter",
                     regressed ? "faster" : "slower");
}

Met meet(const ExpectedVariant* expected, const VariantVerdict& measured, const model::TargetVerdict& verdict,
         bool baseline, double effect) {
  Met met;
  met.variant = measured.name;
  met.measured = measured.speedup;
  met.measured_interval = measured.speedup_interval;
  const auto broken = defect(measured, verdict);
  if (!expected) {
    met.outcome = Outcome::added;
    met.why = broken;
    return met;
  }
  met.expected = expected->speedup;
  met.expected_interval = expected->speedup_interval;
  if (!broken.empty()) {
    met.outcome = Outcome::regressed;
    met.why = broken;
  } else if (baseline) {
    met.outcome = Outcome::ok;
  } else if (measured.speedup <= 0 || measured.confidence <= 0) {
    met.outcome = Outcome::unresolved;
    met.why = shown(measured.why, 200);
  } else if (measured.speedup_interval.hi * (1 + effect) < expected->speedup_interval.lo) {
    met.outcome = Outcome::regressed;
    met.why = baseline_note(*expected, measured, true);
  } else if (measured.speedup_interval.lo > expected->speedup_interval.hi * (1 + effect)) {
    met.outcome = Outcome::improved;
    met.why = baseline_note(*expected, measured, false);
  }
  return met;
}

Provenance provenance_of(const std::string& device, const model::TargetVerdict& verdict, const record::Manifest& m) {
  Provenance p;
  p.hardware = m.host.model;
  if (device == "cuda") {
    p.hardware = m.gpus.empty() ? "" : m.gpus.front().name;
    p.driver = m.gpus.empty() ? "" : m.gpus.front().driver;
    p.cuda = m.build.cuda;
    p.cuda_arch = m.build.cuda_arch;
  }
  p.compiler = m.build.compiler + " " + m.build.compiler_version;
  p.aisp_version = m.aisp_version;
  p.commit = m.build.git_commit;
  p.dirty = m.build.git_dirty;
  p.date = m.started;
  p.run = m.run;
  p.seed = m.seed.value_or("");
  p.unpublishable_reasons = record::unpublishable_host(m);
  const auto& own = verdict.unpublishable_reasons;
  p.unpublishable_reasons.insert(p.unpublishable_reasons.end(), own.begin(), own.end());
  return p;
}

// Why nothing may ever be expected from these figures; "" when something may.
std::string unfit(const model::TargetVerdict* verdict) {
  if (!verdict) return "it was not judged";
  for (const auto& v : verdict->variants)
    if (const auto broken = defect(v, *verdict); !broken.empty()) return fmt::format("{}: {}", shown(v.name), broken);
  if (!verdict->violations.empty()) return "violation: " + shown(verdict->violations.front().issue);
  if (verdict->exit_code > 1 || verdict->variants.empty()) return "it could not be run";
  for (std::size_t i = 0; i < verdict->variants.size(); ++i) {
    const auto& v = verdict->variants[i];
    if (v.median_seconds <= 0) return shown(v.name) + " was not timed";
    if (i > 0 && (v.speedup <= 0 || v.confidence <= 0))
      return fmt::format("{} has no interval: {}", shown(v.name), shown(v.why, 200));
  }
  return "";
}

std::string lost(const std::vector<Met>& variants) {
  std::vector<std::string> names;
  for (const auto& met : variants)
    if (met.failed() || met.outcome == Outcome::missing)
      names.push_back(fmt::format("{} {}", shown(met.variant), met.failed() ? "regressed" : "is gone"));
  return fmt::format("{}", fmt::join(names, ", "));
}

ordered_json json_of(const Interval& i) { return {{"lo", i.lo}, {"hi", i.hi}}; }

}  // namespace

std::string provenance_difference(const Provenance& a, const Provenance& b) {
  const auto change = [](const char* what, const std::string& x, const std::string& y) {
    return fmt::format("{} '{}', not '{}'", what, shown(x), shown(y));
  };
  if (a.hardware != b.hardware) return change("hardware", a.hardware, b.hardware);
  if (a.driver != b.driver) return change("driver", a.driver, b.driver);
  if (a.cuda != b.cuda) return change("CUDA", a.cuda, b.cuda);
  return "";
}

std::string hardware_key(const record::Manifest& m, const std::string& device) {
  if (device != "cuda") return record::host_key(m.host);
  const device::GpuFacts gpu = m.gpus.empty() ? device::GpuFacts{} : m.gpus.front();
  const auto* spec = gpu.mig == "on" ? nullptr : find_gpu(gpu.name, static_cast<double>(gpu.memory_bytes));
  return spec ? hardware_key(*spec) : device::gpu_key(gpu);
}

std::string hardware_key(const GpuSpec& spec) {
  std::string key;
  for (unsigned char c : spec.name)
    if (std::isalnum(c))
      key += static_cast<char>(std::tolower(c));
    else if (!key.empty() && key.back() != '-')
      key += '-';
  return key;
}

std::string to_string(Outcome outcome) {
  switch (outcome) {
    case Outcome::ok: return "ok";
    case Outcome::improved: return "improved";
    case Outcome::regressed: return "regressed";
    case Outcome::unresolved: return "unresolved";
    case Outcome::added: return "new";
    case Outcome::missing: return "missing";
  }
  return "?";
}

std::string to_string(Update update) {
  switch (update) {
    case Update::none: return "none";
    case Update::unchanged: return "unchanged";
    case Update::added: return "added";
    case Update::replaced: return "replaced";
    case Update::refused: return "refused";
  }
  return "?";
}

bool TargetExpectations::failed() const {
  const bool regressed = std::any_of(variants.begin(), variants.end(), [](const Met& met) { return met.failed(); });
  return update == Update::refused || (regressed && !accepted);
}

std::vector<Met> compare(const Expectation* expected, const model::TargetEvidence& e,
                         const model::TargetVerdict& verdict) {
  std::string note;
  if (expected && e.error.empty() && !same_params(expected->params, e.params)) {
    expected = nullptr;
    note = "expected at other sizes";
  }
  const double effect = std::max({stats::kMinEffect, e.aa_floor, expected ? expected->aa_floor : 0});
  std::vector<Met> all;
  for (std::size_t i = 0; i < verdict.variants.size(); ++i) {
    const auto& measured = verdict.variants[i];
    auto met = meet(expected ? named(expected->variants, measured.name) : nullptr, measured, verdict, i == 0, effect);
    if (const auto* v = named(e.variants, measured.name)) met.peer = v->peer;
    if (met.why.empty()) met.why = note;
    all.push_back(std::move(met));
  }
  if (!expected) return all;
  for (const auto& v : expected->variants) {
    if (named(verdict.variants, v.name)) continue;
    Met met;
    met.variant = v.name;
    met.peer = v.peer;
    met.expected = v.speedup;
    met.expected_interval = v.speedup_interval;
    met.outcome = e.error.empty() ? Outcome::missing : Outcome::regressed;
    met.why = shown(e.error, 200);
    all.push_back(std::move(met));
  }
  return all;
}

Expectation expectation_of(const model::TargetEvidence& e, const model::TargetVerdict& verdict,
                           const record::Manifest& m) {
  Expectation expectation{.target = e.target,
                          .device = e.device,
                          .scale = e.scale,
                          .params = e.params,
                          .aa_floor = e.aa_floor,
                          .variants = {},
                          .provenance = provenance_of(e.device, verdict, m)};
  for (const auto& v : verdict.variants) {
    const auto* evidence = named(e.variants, v.name);
    expectation.variants.push_back({.name = v.name,
                                    .peer = evidence && evidence->peer,
                                    .word = v.word,
                                    .speedup = v.speedup,
                                    .speedup_interval = v.speedup_interval,
                                    .median_seconds = v.median_seconds,
                                    .median_interval = v.median_interval,
                                    .sol = v.sol,
                                    .bound = v.bound});
  }
  return expectation;
}

bool update(record::Expectations& file, std::span<TargetExpectations* const> targets, const record::RunData& run,
            const UpdateRules& rules) {
  struct Change {
    TargetExpectations* target;
    Expectation fresh;
    Update kind;
  };
  std::vector<Change> changes;
  for (auto* t : targets) {
    const auto* evidence = run.evidence_of(t->target);
    const auto* verdict = run.verdict_of(t->target);
    t->update = Update::refused;
    t->why = evidence ? unfit(verdict) : "it was not run";
    if (!t->why.empty()) continue;
    auto fresh = expectation_of(*evidence, *verdict, run.manifest);
    const auto* known = file.find(t->target, t->device, t->scale);
    if (!known) {
      changes.push_back({t, std::move(fresh), Update::added});
      continue;
    }
    if (!rules.accept_regressions && !lost(t->variants).empty()) {
      t->why = lost(t->variants);
      continue;
    }
    const bool as_expected =
        std::all_of(t->variants.begin(), t->variants.end(), [](const Met& met) { return met.outcome == Outcome::ok; });
    if (as_expected && provenance_difference(known->provenance, fresh.provenance).empty())
      t->update = Update::unchanged;
    else
      changes.push_back({t, std::move(fresh), Update::replaced});
  }

  auto rest = file.targets;  // what would stand beside the new figures
  for (const auto& change : changes)
    std::erase_if(rest, [&](const Expectation& e) {
      return e.target == change.fresh.target && e.device == change.fresh.device && e.scale == change.fresh.scale;
    });
  if (!rules.mixed_provenance)
    for (const auto& change : changes)
      for (const auto& other : rest)
        if (const auto what = provenance_difference(other.provenance, change.fresh.provenance); !what.empty()) {
          for (const auto& each : changes)
            each.target->why = fmt::format("the file has {} with {}", other.target, what);
          return false;
        }
  for (auto& change : changes) {
    change.target->update = change.kind;
    change.target->accepted = rules.accept_regressions;
    rest.push_back(std::move(change.fresh));
  }
  file.targets = std::move(rest);
  return !changes.empty();
}

std::string expectations_text(std::span<const TargetExpectations> all) {
  std::map<std::string, std::map<Outcome, int>> counts;  // by hardware
  std::string lines;
  for (const auto& t : all) {
    if (!t.known && t.update == Update::none) continue;
    for (const auto& met : t.variants) {
      const bool quiet = met.outcome == Outcome::ok || met.outcome == Outcome::added;
      // A baseline that is right is nothing to count.
      if (!quiet || &met != &t.variants.front()) ++counts[t.hardware][met.outcome];
      if (quiet) continue;
      lines += fmt::format("  {:<10}  {} {}", to_string(met.outcome), shown(t.target), shown(met.variant));
      if (met.expected > 0)
        lines +=
            fmt::format("  expected {} ({})", format_speedup(met.expected), format_interval(met.expected_interval));
      if (met.measured > 0)
        lines += fmt::format("{} {} ({})", met.expected > 0 ? ", got" : " ", format_speedup(met.measured),
                             format_interval(met.measured_interval));
      lines += met.why.empty() ? "\n" : "  " + met.why + "\n";
    }
    if (t.update != Update::none && t.update != Update::unchanged)
      lines += fmt::format("  {:<10}  {}{}\n", to_string(t.update), shown(t.target), t.why.empty() ? "" : ": " + t.why);
  }
  std::string text;
  for (const auto& [hardware, by_outcome] : counts) {
    std::vector<std::string> parts;
    for (const auto outcome : kOutcomes)
      if (const auto found = by_outcome.find(outcome); found != by_outcome.end())
        parts.push_back(
            fmt::format("{} {}", found->second, outcome == Outcome::ok ? "as expected" : to_string(outcome)));
    text += fmt::format("expectations of {}: {}\n", hardware, fmt::join(parts, ", "));
  }
  return text + lines;
}

std::string expectations_json(const std::string& run, std::span<const TargetExpectations> all) {
  ordered_json j{{"schema", 1}, {"run", run}, {"targets", ordered_json::array()}};
  for (const auto& t : all) {
    auto variants = ordered_json::array();
    for (const auto& met : t.variants)
      variants.push_back({{"variant", met.variant},
                          {"peer", met.peer},
                          {"outcome", to_string(met.outcome)},
                          {"expected_speedup", met.expected},
                          {"expected_interval", json_of(met.expected_interval)},
                          {"measured_speedup", met.measured},
                          {"measured_interval", json_of(met.measured_interval)},
                          {"why", met.why}});
    j["targets"].push_back({{"target", t.target},
                            {"device", t.device},
                            {"scale", t.scale},
                            {"hardware", t.hardware},
                            {"known", t.known},
                            {"update", to_string(t.update)},
                            {"why", t.why},
                            {"accepted", t.accepted},
                            {"variants", std::move(variants)}});
  }
  return j.dump(1, ' ', false, ordered_json::error_handler_t::replace) + "\n";
}

}  // namespace aisp::analysis
