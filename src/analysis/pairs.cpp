#include "analysis/pairs.hpp"

#include <cmath>
#include <map>
#include <utility>

namespace aisp::analysis {

bool usable(const model::Sample& s) { return s.calls > 0 && std::isfinite(s.seconds) && s.seconds > 0; }

std::vector<stats::PairedTimes> pair_up(const model::VariantEvidence& baseline, const model::VariantEvidence& variant) {
  std::map<std::pair<int, int>, double> base;
  for (const auto& s : baseline.samples)
    if (usable(s)) base.emplace(std::pair{s.restart, s.round}, s.per_call());
  std::map<int, stats::PairedTimes> restarts;
  for (const auto& s : variant.samples) {
    const auto match = base.find({s.restart, s.round});
    if (!usable(s) || match == base.end()) continue;
    restarts[s.restart].baseline.push_back(match->second);
    restarts[s.restart].variant.push_back(s.per_call());
    base.erase(match);
  }
  std::vector<stats::PairedTimes> all;
  for (auto& [restart, times] : restarts) all.push_back(std::move(times));
  return all;
}

}  // namespace aisp::analysis
