#include "analysis/verdict.hpp"

#include "analysis/census.hpp"
#include "analysis/dtype_name.hpp"
#include "analysis/faults.hpp"
#include "analysis/pairs.hpp"
#include "analysis/publishable.hpp"
#include "stats/stats.hpp"
#include "validity/checks.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <iterator>
#include <map>
#include <utility>

namespace aisp::analysis {
namespace {

using model::Status;
using model::VariantEvidence;
using model::VariantVerdict;

// "" when every call that was made was right.
std::string why_not_correct(const VariantEvidence& v) {
  const auto& c = v.verification;
  if (v.status != Status::ok) return ending(v);
  if (c.wrong_calls || c.first_failure)
    return fmt::format("wrong output in {} of {} calls{}", c.wrong_calls, c.calls,
                       c.failed_case.empty() ? "" : "; first in " + c.failed_case);
  if (c.calls == 0) return "no call was verified";
  if (v.timed_calls != v.verified_timed_calls)
    return fmt::format("{} of {} timed calls were verified", v.verified_timed_calls, v.timed_calls);
  return {};
}

// What the ranks did while they did not compute, and what they told each other.
void add_ranks(const VariantEvidence& v, VariantVerdict& out) {
  if (v.ranks.empty() || v.timed_calls == 0) return;
  double bytes = 0, least = 1, most = 0;
  for (const auto& r : v.ranks) {
    bytes += static_cast<double>(r.bytes_sent) / static_cast<double>(v.timed_calls);
    const double wall = r.cpu_seconds + r.idle_seconds, idle = wall > 0 ? r.idle_seconds / wall : 0;
    least = std::min(least, idle), most = std::max(most, idle);
  }
  out.notes.push_back(fmt::format("{} ranks, idle {:.0f} to {:.0f} % of the time; {:.4g} kB sent in a call",
                                  v.ranks.size(), 100 * least, 100 * most, bytes * 1e-3));
}

void add_times(const model::TargetEvidence& e, const VariantEvidence& v, VariantVerdict& out) {
  std::vector<double> seconds;
  std::int64_t major_faults = 0;
  for (const auto& s : v.samples) {
    major_faults += s.major_faults;
    if (usable(s)) seconds.push_back(s.per_call());
  }
  if (seconds.empty()) return;
  const auto m = stats::median_interval(seconds);
  out.median_seconds = m.median;
  out.median_interval = m.interval;
  if (const auto note = stats::bimodality(seconds)) out.notes.push_back(*note);
  if (seconds.size() < v.samples.size())
    out.notes.push_back(fmt::format("{} samples without a usable time", v.samples.size() - seconds.size()));
  if (e.null_call_seconds > 0 && m.median < 5 * e.null_call_seconds)
    out.notes.push_back(fmt::format("an empty call takes {:.3g} ns of this", 1e9 * e.null_call_seconds));
  add_ranks(v, out);
  if (major_faults > 0)
    out.notes.push_back(fmt::format("memory.swap: {} pages read from disk in timed calls", major_faults));
}

void add_floor(const model::TargetEvidence& e, const VariantEvidence& v, VariantVerdict& out) {
  const auto floor = floor_of(e, v.width());
  out.floor_seconds = floor.seconds;
  out.bound = floor.bound;
  if (out.median_seconds > 0) out.sol = floor.seconds / out.median_seconds;
  if (out.sol > 1 && out.median_seconds >= (1 - floor.error) * floor.seconds)  // beyond the error it is a violation
    out.notes.push_back(fmt::format(
        "{:.0f} % of the speed of light, which is known to {:g} %: the ceilings are too low, or the declared work "
        "is not all in the call",
        100 * out.sol, 100 * floor.error));
}

void add_speedup(const model::TargetEvidence& e, const VariantEvidence& baseline, const VariantEvidence& v,
                 VariantVerdict& out) {
  const auto ratio = stats::paired_ratio(pair_up(baseline, v));
  out.pairs = ratio.pairs;
  if (ratio.pairs == 0) {
    out.why = "no round in which both have a sample";
    return;
  }
  out.speedup = ratio.speedup;
  out.speedup_interval = ratio.interval;
  out.confidence = ratio.confidence;
  out.word = stats::classify(ratio, e.aa_floor);
  if (out.word != model::Word::unresolved) return;
  const double effect = std::max(stats::kMinEffect, e.aa_floor);
  out.why = ratio.confidence <= 0
                ? fmt::format("{} pairs; an interval needs {}", ratio.pairs, stats::kMinPairs)
                : fmt::format("the interval {:.4g} to {:.4g} reaches into ±{:.2g} %, which identical variants show too",
                              ratio.interval.lo, ratio.interval.hi, 100 * effect);
}

int exit_code_of(const VariantEvidence& v, const VariantVerdict& judged, bool baseline, bool timed, bool violated) {
  if (absent_peer(v)) return 0;
  if (v.status != Status::ok) return 6;
  if (violated) return 4;
  if (v.verification.wrong_calls || v.verification.first_failure) return 3;
  if (!judged.correct) return 6;  // calls that nobody verified: the judge's own bookkeeping is broken
  return timed && !baseline && !v.peer && judged.word != model::Word::fast ? 1 : 0;
}

}  // namespace

bool compute_bounds(const model::TargetEvidence& e) {
  if (!e.ceilings.arithmetic.empty()) return true;
  const auto width = dtype_size(e.arithmetic);
  return std::none_of(e.tensors.begin(), e.tensors.end(),
                      [&](const model::TensorFact& t) { return dtype_size(t.dtype) < width; });
}

Roofs roofs_of(const model::TargetEvidence& e, int threads) {
  const double n = e.device == "cpu" ? std::max(1, threads) : 1;  // a GPU's ceilings are those of the whole device
  return {compute_bounds(e) ? n * e.ceilings.flops : 0, n * e.ceilings.bytes};
}

namespace {

double error_of(const model::TargetEvidence& e, const std::string& bound) {
  const auto& source = e.ceilings.source;
  if (source.starts_with("quick probe")) return bound == "memory" ? kQuickError : kUnsureError;
  const bool measured = source.starts_with("calibration") || source.starts_with("bench peak");
  if (!measured) return kUnsureError;
  if (e.device == "cpu") return bound == "memory" ? kCeilingError : kUnsureError;
  if (bound == "compute" || e.cache == "cold") return kCeilingError;
  return e.bytes > 0 ? std::clamp(kLargestGpuCache / e.bytes, kCeilingError, kUnsureError) : kUnsureError;
}

}  // namespace

Floor floor_of(const model::TargetEvidence& e, int threads) {
  const auto roofs = roofs_of(e, threads);
  const double memory = roofs.bytes > 0 ? e.bytes / roofs.bytes : 0;
  const double compute = roofs.flops > 0 ? e.flops / roofs.flops : 0;
  if (!(memory > 0) && !(compute > 0)) return {};
  const std::string bound = memory >= compute ? "memory" : "compute";
  return {std::max(memory, compute), bound, error_of(e, bound)};
}

bool absent_peer(const VariantEvidence& v) { return v.peer && v.status == Status::failed && v.verification.calls == 0; }

int worst_exit_code(int a, int b) {
  constexpr std::array kOrder{6, 4, 3, 5, 1, 0};
  const auto rank = [&](int code) { return std::find(kOrder.begin(), kOrder.end(), code); };
  return rank(a) <= rank(b) ? a : b;
}

model::TargetVerdict verdict(const model::TargetEvidence& e, Accepted accepted) {
  model::TargetVerdict result;
  result.target = e.target;
  if (!e.error.empty() || e.interrupted || e.variants.empty()) result.exit_code = 6;

  bool timed = false;
  for (const auto& v : e.variants) timed |= !v.samples.empty();
  std::string baseline_withheld;
  for (std::size_t i = 0; i < e.variants.size(); ++i) {
    const auto& v = e.variants[i];
    VariantVerdict out;
    out.name = v.name;
    out.status = v.status;
    out.timed_calls = v.timed_calls;
    out.verified_calls = v.verified_timed_calls;
    const auto& u = v.untimed;
    out.untimed_seconds = u.prepare_seconds + u.bind_seconds + u.discarded_seconds;
    out.untimed_cpu_seconds = u.prepare_cpu_seconds + u.bind_cpu_seconds + u.discarded_cpu_seconds;
    if (auto note = refused_calls(v); !note.empty()) out.notes.push_back(std::move(note));
    add_times(e, v, out);
    add_floor(e, v, out);
    for (auto& note : census_notes(v, out.median_seconds)) out.notes.push_back(std::move(note));
    auto violations =
        validity::check_variant(e, v, {out.median_seconds, out.floor_seconds, floor_of(e, v.width()).error});
    std::string withheld = why_not_correct(v);
    out.correct = withheld.empty() && !v.verification.guard_violations && !v.verification.input_violations;
    if (withheld.empty() && !violations.empty()) withheld = "violation: " + violations.front().issue;

    if (i == 0) {
      baseline_withheld = withheld;
      out.why = withheld;
    } else if (!withheld.empty()) {
      out.why = withheld;
    } else if (!baseline_withheld.empty()) {
      out.why = "the baseline is no measure: " + baseline_withheld;
    } else if (!timed) {
      out.why = "verified only, not timed";
    } else {
      add_speedup(e, e.variants.front(), v, out);
    }
    result.exit_code = worst_exit_code(result.exit_code, exit_code_of(v, out, i == 0, timed, !violations.empty()));
    std::move(violations.begin(), violations.end(), std::back_inserter(result.violations));
    result.variants.push_back(std::move(out));
  }
  result.unpublishable_reasons = unpublishable_reasons(e, accepted);
  result.publishable = result.unpublishable_reasons.empty();
  return result;
}

}  // namespace aisp::analysis
