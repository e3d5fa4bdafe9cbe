#include "import/compare_results.hpp"

#include "stats/shift.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <stdexcept>
#include <utility>

namespace aisp::import {
namespace {
using analysis::ChangeKind;

std::vector<double> logarithms(const Result& r) {
  std::vector<double> logs;
  for (const double v : r.values)
    if (v > 0) logs.push_back(std::log(v));
  return logs;
}

void set_ratio(const Result& before, const Result& after, ResultChange& c) {
  const auto a = logarithms(before), b = logarithms(after);
  if (a.empty() || b.empty()) return;
  const auto shift = stats::shift(a, b);
  c.ratio = std::exp(shift.value);
  c.confidence = shift.confidence;
  if (shift.confidence > 0) c.interval = {std::exp(shift.interval.lo), std::exp(shift.interval.hi)};
}

void judge(const Result& before, const Result& after, ResultChange& c) {
  if (before.unit != after.unit) {
    c.kind = ChangeKind::incomparable;
    c.why = fmt::format("{} → {}", before.unit, after.unit);
    return;
  }
  if (!before.failed.empty() || !after.failed.empty()) {
    c.kind = before.failed.empty()  ? ChangeKind::regressed
             : after.failed.empty() ? ChangeKind::improved
                                    : ChangeKind::unchanged;
    c.why = fmt::format("{} → {}", before.failed.empty() ? "ok" : before.failed,
                        after.failed.empty() ? "ok" : after.failed);
    return;
  }
  set_ratio(before, after, c);
  c.kind = ChangeKind::unresolved;
  if (c.confidence <= 0) {
    const auto least = std::min(before.values.size(), after.values.size());
    c.why = least <= 1 ? "no repetitions, no interval"
                       : fmt::format("{} and {} repetitions; an interval needs {} of each", before.values.size(),
                                     after.values.size(), stats::kMinPairs);
    return;
  }
  const double least = 1 + analysis::kLeastChange;
  const bool up = c.interval.lo > least, down = c.interval.hi < 1 / least;
  if (up || down)
    c.kind = up == before.lower_is_better ? ChangeKind::regressed : ChangeKind::improved;
  else if (c.interval.lo > 1 / least && c.interval.hi < least)
    c.kind = ChangeKind::unchanged;
  else
    c.why = fmt::format("the interval holds changes of more than {:g} % and of less", 100 * analysis::kLeastChange);
}

}  // namespace

std::optional<Center> center(const Result& r) {
  if (r.values.empty()) return std::nullopt;
  Center c;
  c.value = stats::median(r.values);
  c.repetitions = r.values.size();
  c.interval = stats::median_interval(r.values);
  return c;
}

std::string repetitions_text(const Result& r) {
  if (!r.failed.empty()) return r.failed;
  const auto n = r.values.size();
  if (n <= 1) return "no repetitions, no interval; " + r.statistic;
  return fmt::format("{} repetitions{}; {}", n,
                     std::cmp_less(n, stats::kMinPairs) ? fmt::format(", {} give an interval", stats::kMinPairs) : "",
                     r.statistic);
}

int ResultComparison::count(ChangeKind kind) const {
  return static_cast<int>(std::count_if(changes.begin(), changes.end(), [&](const auto& c) { return c.kind == kind; }));
}

ResultComparison compare_results(const Results& before, const Results& after) {
  if (before.program != after.program)
    throw std::runtime_error(
        fmt::format("results of {} and of {}; like is compared with like", before.program, after.program));
  const auto key = [](const Result& r) { return std::pair(r.name, r.quantity); };
  std::map<std::pair<std::string, std::string>, const Result*> later;
  for (const auto& r : after.results) later.emplace(key(r), &r);
  ResultComparison comparison{before.program, {}};
  const auto change = [&](const Result& any, const Result* a, const Result* b) {
    if (any.derived) return;
    ResultChange c;
    c.name = any.name, c.quantity = any.quantity, c.unit = any.unit;
    if (a) c.before = center(*a);
    if (b) c.after = center(*b);
    if (a && b)
      judge(*a, *b, c);
    else
      c.kind = a ? ChangeKind::gone : ChangeKind::added;
    comparison.changes.push_back(std::move(c));
  };
  for (const auto& r : before.results) {
    const auto found = later.find(key(r));
    change(r, &r, found == later.end() ? nullptr : found->second);
    if (found != later.end()) later.erase(found);
  }
  for (const auto& r : after.results)
    if (later.contains(key(r))) change(r, nullptr, &r);
  return comparison;
}

}  // namespace aisp::import
