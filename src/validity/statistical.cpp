#include "validity/checks.hpp"

#include "stats/stats.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

namespace aisp::validity {
namespace {

using Rounds = std::set<std::pair<int, int>>;  // restart, round

double a_call(double seconds, const model::Sample& s) {
  return seconds / static_cast<double>(std::max<std::int64_t>(s.calls, 1));
}

double median_of(const std::vector<const model::Sample*>& samples, double (*value)(const model::Sample&)) {
  std::vector<double> all;
  for (const auto* s : samples) all.push_back(value(*s));
  return all.empty() ? 0 : stats::median(all);
}
double wall(const model::Sample& s) { return s.per_call(); }
double cpu(const model::Sample& s) { return a_call(s.cpu_seconds, s); }
double faults(const model::Sample& s) { return static_cast<double>(s.minor_faults); }

bool undisturbed(const model::Sample& s) {
  return s.cpu_seconds > 0 && s.seconds <= kUndisturbed * s.cpu_seconds + kUndisturbedSeconds;
}

struct Groups {
  std::vector<const model::Sample*> fast, slow;
};

// A sample and how it compares with what the others took in the same round: what slows all of them is the machine.
struct Relative {
  const model::Sample* sample;
  double value;
};

std::vector<Relative> relative_samples(const model::TargetEvidence& e, const model::VariantEvidence& v) {
  std::map<std::pair<int, int>, std::vector<double>> others;
  for (const auto& other : e.variants)
    if (&other != &v)
      for (const auto& s : other.samples)
        if (undisturbed(s)) others[{s.restart, s.round}].push_back(cpu(s));
  std::vector<Relative> all;
  for (const auto& s : v.samples) {
    if (!undisturbed(s) || !(s.per_call() > 0)) continue;
    if (e.variants.size() < 2) {
      all.push_back({&s, cpu(s)});
    } else if (const auto same = others.find({s.restart, s.round}); same != others.end()) {
      all.push_back({&s, cpu(s) / stats::median(same->second)});
    }
  }
  std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.value < b.value; });
  return all;
}

// Upper over lower quartile of [from, to).
double spread(const std::vector<Relative>& sorted, std::size_t from, std::size_t to) {
  const auto n = to - from;
  return sorted[from + 3 * n / 4].value / sorted[from + n / 4].value;
}

// The widest gap that leaves a share of all on both sides; empty when there is none that counts.
Groups split(const model::TargetEvidence& e, const model::VariantEvidence& v) {
  const auto sorted = relative_samples(e, v);
  if (static_cast<int>(sorted.size()) < kGroupSamples) return {};
  const auto least = static_cast<std::size_t>(kGroupShare * static_cast<double>(sorted.size()));
  std::size_t at = 0;
  double widest = kGroupGap;
  for (std::size_t i = std::max<std::size_t>(least, 1); i + least <= sorted.size() && i < sorted.size(); ++i)
    if (const double gap = sorted[i].value / sorted[i - 1].value; gap > widest) widest = gap, at = i;
  if (at == 0) return {};
  Groups g;
  for (std::size_t i = 0; i < sorted.size(); ++i) (i < at ? g.fast : g.slow).push_back(sorted[i].sample);
  const double ratio = median_of(g.slow, &cpu) / median_of(g.fast, &cpu);
  const double most = std::max(kGroupSpread, std::pow(ratio, 0.4));
  const bool apart = ratio > kGroupRatio && median_of(g.slow, &wall) > kGroupRatio * median_of(g.fast, &wall) &&
                     spread(sorted, 0, at) <= most && spread(sorted, at, sorted.size()) <= most;
  return apart ? g : Groups{};
}

Rounds rounds_of(const std::vector<const model::Sample*>& samples) {
  Rounds rounds;
  for (const auto* s : samples) rounds.insert({s->restart, s->round});
  return rounds;
}

// How much slower another variant was in the slow rounds than in the fast ones.
double neighbour_ratio(const model::VariantEvidence& v, const Groups& g) {
  const auto slow = rounds_of(g.slow), fast = rounds_of(g.fast);
  std::vector<const model::Sample*> in_slow, in_fast;
  for (const auto& s : v.samples) {
    if (slow.contains({s.restart, s.round})) in_slow.push_back(&s);
    if (fast.contains({s.restart, s.round})) in_fast.push_back(&s);
  }
  const double a = median_of(in_slow, &cpu), b = median_of(in_fast, &cpu);
  return a > 0 && b > 0 ? a / b : 1;
}

// Whether each process was all fast or all slow.
bool by_restart(const Groups& g) {
  std::set<int> fast, slow;
  for (const auto* s : g.fast) fast.insert(s->restart);
  for (const auto* s : g.slow) slow.insert(s->restart);
  return std::none_of(fast.begin(), fast.end(), [&](int r) { return slow.contains(r); });
}

void check_groups(const model::TargetEvidence& e, const model::VariantEvidence& v, Findings& found) {
  if (e.device != "cpu") return;  // CPU time says nothing about a device
  const auto g = split(e, v);
  if (g.slow.empty()) return;
  for (const auto& other : e.variants)
    if (&other != &v && neighbour_ratio(other, g) > kNeighbourRatio) return;  // the machine was
  const auto seen = fmt::format("{} samples around {:.3g} µs a call, {} around {:.3g} µs", g.fast.size(),
                                1e6 * median_of(g.fast, &wall), g.slow.size(), 1e6 * median_of(g.slow, &wall));
  constexpr const char* kOne = "one group of times, as its neighbours in the same rounds show";
  if (by_restart(g))
    found.add("compile.autotune_variance", seen + ", each process in one of them", kOne,
              "fix the tuning choice, by shape and not by chance");
  else if (median_of(g.slow, &faults) > 10 * median_of(g.fast, &faults) + 50)
    found.add("statistical.gc_interference", seen + ", the slow ones with page faults", kOne,
              "give memory back in every call, or in none");
  else if (&v == &e.variants.front())
    found.add("statistical.outlier_injection", seen, kOne, "find out why some of the baseline's calls are slow");
  else
    found.add("statistical.variance_gaming", seen, kOne, "do the same work in every call");
}

// Every planned sample of a variant that lived to the end.
void check_complete(const model::TargetEvidence& e, const model::VariantEvidence& v, Findings& found) {
  if (v.status != model::Status::ok || v.samples.empty() || e.rounds <= 0 || e.interrupted) return;
  const auto planned = static_cast<std::size_t>(e.rounds) * static_cast<std::size_t>(std::max(e.restarts, 1));
  std::set<std::pair<int, int>> there;
  for (const auto& s : v.samples) there.insert({s.restart, s.round});
  if (there.size() != planned || v.samples.size() != planned)
    found.add("statistical.cherry_picking", fmt::format("{} samples of {} rounds", v.samples.size(), there.size()),
              fmt::format("{}: every round of every restart, once", planned),
              "keep the evidence as it was recorded, and run again");
}

}  // namespace

void check_samples(const model::TargetEvidence& e, const model::VariantEvidence& v, Findings& found) {
  check_complete(e, v, found);
  check_groups(e, v, found);
}

}  // namespace aisp::validity
