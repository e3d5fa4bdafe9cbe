#include "analysis/distribution.hpp"

#include "analysis/pairs.hpp"

#include <algorithm>
#include <cmath>

namespace aisp::analysis {

double Distributions::edge(std::size_t bin) const {
  const double share = variants.empty() ? 0 : static_cast<double>(bin) / static_cast<double>(variants[0].counts.size());
  return logarithmic ? lo * std::pow(hi / lo, share) : lo + (hi - lo) * share;
}

Distributions distributions_of(const model::TargetEvidence& e, std::size_t bins) {
  std::vector<std::pair<std::string, std::vector<double>>> all;
  double least = INFINITY, most = 0;
  for (const auto& v : e.variants) {
    std::vector<double> seconds;
    for (const auto& s : v.samples)
      if (usable(s) && can_be_drawn(s.per_call())) seconds.push_back(s.per_call());
    if (seconds.empty()) continue;
    const auto [lo, hi] = std::minmax_element(seconds.begin(), seconds.end());
    least = std::min(least, *lo), most = std::max(most, *hi);
    all.emplace_back(v.name, std::move(seconds));
  }
  Distributions d;
  if (all.empty()) return d;
  d.logarithmic = most > 4 * least;
  const double margin = d.logarithmic ? std::pow(most / least, 0.03) : 1 + 0.03 * (most / least - 1) + 1e-3;
  d.lo = least / margin, d.hi = most * margin;
  const double width = d.logarithmic ? std::log(d.hi / d.lo) : d.hi - d.lo;
  for (auto& [name, seconds] : all) {
    Distribution of{name, seconds.size(), std::vector<int>(bins, 0), {}};
    for (const double s : seconds) {
      const double share = (d.logarithmic ? std::log(s / d.lo) : s - d.lo) / width;
      ++of.counts[std::min(bins - 1, static_cast<std::size_t>(std::max(0.0, share) * static_cast<double>(bins)))];
    }
    of.median = stats::median_interval(std::move(seconds));
    d.variants.push_back(std::move(of));
  }
  return d;
}

}  // namespace aisp::analysis
