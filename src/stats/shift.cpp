#include "stats/shift.hpp"

#include "stats/stats.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

namespace aisp::stats {
namespace {

// Quantile of the standard normal distribution by bisection of erfc; q in (0.5, 1).
double normal_quantile(double q) {
  double lo = 0, hi = 10;
  for (int i = 0; i < 60; ++i) {
    const double mid = (lo + hi) / 2;
    (0.5 * std::erfc(-mid / std::sqrt(2.0)) < q ? lo : hi) = mid;
  }
  return lo;
}

// The k-th smallest (from 0) of all differences b − a, without making them: as many as lie at or below a value are
// counted in one walk along both sorted sides, and the value is bisected until the doubles between are used up.
double kth_difference(const std::vector<double>& a, const std::vector<double>& b, std::uint64_t k) {
  const auto at_or_below = [&](double value) {
    std::uint64_t count = 0;
    std::size_t i = 0;  // a[i…] are large enough for b[j]
    for (const double y : b) {
      while (i < a.size() && y - a[i] > value) ++i;
      count += a.size() - i;
    }
    return count;
  };
  double lo = b.front() - a.back(), hi = b.back() - a.front();
  for (int i = 0; i < 200 && lo < hi; ++i) {
    const double mid = lo + (hi - lo) / 2;
    if (mid <= lo || mid >= hi) break;
    (at_or_below(mid) > k ? hi : lo) = mid;
  }
  return hi;
}

}  // namespace

Shift shift(std::span<const double> before, std::span<const double> after, double confidence) {
  Shift result;
  if (before.empty() || after.empty()) return result;
  std::vector<double> a(before.begin(), before.end()), b(after.begin(), after.end());
  std::sort(a.begin(), a.end());
  std::sort(b.begin(), b.end());
  const std::uint64_t all = std::uint64_t{a.size()} * b.size();
  result.value = (kth_difference(a, b, (all - 1) / 2) + kth_difference(a, b, all / 2)) / 2;
  if (a.size() < kMinPairs || b.size() < kMinPairs) return result;
  const double product = static_cast<double>(all), sum = static_cast<double>(a.size() + b.size());
  const double cut = product / 2 - normal_quantile((1 + confidence) / 2) * std::sqrt(product * (sum + 1) / 12);
  const auto k = static_cast<std::uint64_t>(std::max(1.0, std::floor(cut)));  // the k-th smallest and largest, from 1
  result.interval = {kth_difference(a, b, k - 1), kth_difference(a, b, all - k)};
  result.confidence = confidence;
  return result;
}

}  // namespace aisp::stats
