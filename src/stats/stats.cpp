#include "stats/stats.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <iterator>
#include <limits>
#include <stdexcept>

namespace aisp::stats {
namespace {

// P(Binomial(n, 1/2) ≤ k), by logarithms so that large n stays exact enough.
double binomial_cdf(int n, int k) {
  double sum = 0;
  for (int i = 0; i <= k; ++i)
    sum += std::exp(std::lgamma(n + 1) - std::lgamma(i + 1) - std::lgamma(n - i + 1) - n * std::log(2.0));
  return std::min(sum, 1.0);
}

// Coverage of [x(r+1), x(n−r)]: the median falls outside when at most r samples lie on one side of it.
double coverage(int n, int r) { return 1 - 2 * binomial_cdf(n, r); }

// How many samples to leave out on each side so that the rest still covers the median with `confidence`.
int cut(int n, double confidence) {
  int r = 0;
  while (2 * (r + 1) < n && coverage(n, r + 1) >= confidence) ++r;
  return r;
}

std::vector<double> log_ratios(const PairedTimes& times) {
  if (times.baseline.size() != times.variant.size()) throw std::invalid_argument("paired times differ in number");
  std::vector<double> logs;
  for (std::size_t i = 0; i < times.baseline.size(); ++i) {
    const double b = times.baseline[i], v = times.variant[i];
    if (!(b > 0) || !(v > 0) || !std::isfinite(b) || !std::isfinite(v))
      throw std::invalid_argument("a time is not a positive number");
    logs.push_back(std::log(b / v));
  }
  return logs;
}

// Three digits with the unit that suits: "1.21 ms".
std::string duration(double seconds) {
  constexpr struct {
    double scale;
    const char* unit;
  } kUnits[] = {{1, "s"}, {1e3, "ms"}, {1e6, "µs"}, {1e9, "ns"}};
  const auto* u = kUnits;
  while (u + 1 != std::end(kUnits) && seconds * u->scale < 1) ++u;
  char text[32];
  std::snprintf(text, sizeof text, "%.3g %s", seconds * u->scale, u->unit);
  return text;
}

}  // namespace

double quantile(std::vector<double> values, double q) {
  if (values.empty()) return std::numeric_limits<double>::quiet_NaN();
  std::sort(values.begin(), values.end());
  const double place = std::clamp(q, 0.0, 1.0) * static_cast<double>(values.size() - 1);
  const auto below = static_cast<std::size_t>(place);
  const auto above = std::min(below + 1, values.size() - 1);
  return values[below] + (place - static_cast<double>(below)) * (values[above] - values[below]);
}

double median(std::vector<double> values) { return quantile(std::move(values), 0.5); }

MedianInterval median_interval(std::vector<double> values, double confidence) {
  MedianInterval result;
  result.median = median(values);
  const int n = static_cast<int>(values.size());
  if (n < kMinPairs) return result;
  std::sort(values.begin(), values.end());
  const int r = cut(n, confidence);
  result.interval = {values[static_cast<std::size_t>(r)], values[static_cast<std::size_t>(n - 1 - r)]};
  result.confidence = coverage(n, r);
  return result;
}

Ratio paired_ratio(std::span<const PairedTimes> restarts, double confidence) {
  std::vector<double> all, medians;
  for (const auto& restart : restarts) {
    const auto logs = log_ratios(restart);
    if (logs.empty()) continue;
    all.insert(all.end(), logs.begin(), logs.end());
    medians.push_back(median(logs));
  }
  Ratio ratio;
  ratio.pairs = static_cast<int>(all.size());
  if (all.empty()) return ratio;
  const auto within = median_interval(all, confidence);
  ratio.speedup = std::exp(within.median);
  ratio.confidence = within.confidence;
  if (within.confidence <= 0) return ratio;
  double lo = within.interval.lo, hi = within.interval.hi;
  if (medians.size() >= 2) {
    lo = std::min(lo, *std::min_element(medians.begin(), medians.end()));
    hi = std::max(hi, *std::max_element(medians.begin(), medians.end()));
  }
  ratio.interval = {std::exp(lo), std::exp(hi)};
  return ratio;
}

model::Word classify(const Ratio& ratio, double aa_floor) {
  if (ratio.confidence <= 0) return model::Word::unresolved;
  const double effect = 1 + std::max(kMinEffect, aa_floor);
  if (ratio.interval.lo > effect) return model::Word::fast;
  if (ratio.interval.hi < 1 / effect) return model::Word::slow;
  if (ratio.interval.lo >= 1 / effect && ratio.interval.hi <= effect) return model::Word::same;
  return model::Word::unresolved;
}

double aa_floor(std::span<const double> aa_ratios, double confidence) {
  std::vector<double> effects;
  for (double r : aa_ratios)
    if (r > 0 && std::isfinite(r)) effects.push_back(std::abs(std::log(r)));
  return effects.empty() ? 0 : std::exp(quantile(effects, confidence)) - 1;
}

double twin_floor(std::span<const PairedTimes> restarts) {
  double largest = 0;
  for (const auto& restart : restarts)
    if (const auto m = median_interval(log_ratios(restart)); m.confidence > 0)
      largest = std::max({largest, m.interval.lo, -m.interval.hi});
  return std::exp(largest) - 1;
}

std::optional<std::string> bimodality(std::span<const double> seconds) {
  if (seconds.size() < 10) return std::nullopt;
  std::vector<double> sorted(seconds.begin(), seconds.end());
  std::sort(sorted.begin(), sorted.end());
  // The widest gap that leaves at least a fifth of the samples on each side, against the spread of the two sides.
  const std::size_t n = sorted.size(), edge = std::max<std::size_t>(2, n / 5);
  std::size_t split = 0;
  double widest = 0;
  for (std::size_t i = edge; i + edge <= n; ++i)
    if (sorted[i] - sorted[i - 1] > widest) {
      widest = sorted[i] - sorted[i - 1];
      split = i;
    }
  if (!split) return std::nullopt;
  const std::vector<double> low(sorted.begin(), sorted.begin() + static_cast<std::ptrdiff_t>(split)),
      high(sorted.begin() + static_cast<std::ptrdiff_t>(split), sorted.end());
  const double spread = std::max(quantile(low, 0.9) - quantile(low, 0.1), quantile(high, 0.9) - quantile(high, 0.1));
  const double a = median(low), b = median(high);
  if (widest < 1.5 * spread || b < 1.05 * a) return std::nullopt;
  const auto percent = [&](const std::vector<double>& part) {
    return 100.0 * static_cast<double>(part.size()) / static_cast<double>(n);
  };
  char text[128];
  std::snprintf(text, sizeof text, "bimodal: %.0f %% of samples near %s, %.0f %% near %s", percent(low),
                duration(a).c_str(), percent(high), duration(b).c_str());
  return text;
}

int plan_pairs(std::span<const double> pilot_log_ratios, double effect, int max_pairs) {
  if (pilot_log_ratios.size() < 2) return max_pairs;
  const std::vector<double> logs(pilot_log_ratios.begin(), pilot_log_ratios.end());
  const double centre = median(logs);
  std::vector<double> away;
  for (double l : logs) away.push_back(std::abs(l - centre));
  const double sigma = 1.4826 * median(away);
  // Half-width of a sign-test interval of n normal samples: about 1.96 · 1.2533 · σ / √n.
  const double n = std::pow(1.96 * 1.2533 * sigma / effect, 2);
  return static_cast<int>(std::clamp(std::ceil(n), static_cast<double>(kMinPairs), static_cast<double>(max_pairs)));
}

}  // namespace aisp::stats
