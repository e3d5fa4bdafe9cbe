#include "stats/change_points.hpp"

#include <algorithm>
#include <cmath>
#include <random>

namespace aisp::stats {
namespace {

constexpr int kPermutations = 199;

struct Split {
  std::size_t at = 0;
  double divergence = 0;
};

// The largest m·n/(m+n) · E over all splits into the first m and the other n values, where the energy distance
// E = 2·mean|x−y| − mean|x−x'| − mean|y−y'|. Sums of distances are carried from one split to the next.
Split best_split(std::span<const double> x) {
  const std::size_t count = x.size();
  double across = 0, before = 0, after = 0;  // sums over pairs: between the sides, within each
  for (std::size_t i = 0; i < count; ++i)
    for (std::size_t j = i + 1; j < count; ++j) after += std::abs(x[i] - x[j]);
  Split best;
  for (std::size_t at = 1; at < count; ++at) {  // x[at − 1] moves to the side before
    double to_before = 0, to_after = 0;
    for (std::size_t j = 0; j + 1 < at; ++j) to_before += std::abs(x[at - 1] - x[j]);
    for (std::size_t j = at; j < count; ++j) to_after += std::abs(x[at - 1] - x[j]);
    before += to_before, after -= to_after, across += to_after - to_before;
    if (at < kLeastSegment || count - at < kLeastSegment) continue;
    const auto m = static_cast<double>(at), n = static_cast<double>(count - at);
    const double energy = 2 * across / (m * n) - 2 * before / (m * (m - 1)) - 2 * after / (n * (n - 1));
    if (const double divergence = m * n / (m + n) * energy; divergence > best.divergence) best = {at, divergence};
  }
  return best;
}

// Uniform below n, the same on every standard library.
std::size_t below(std::mt19937_64& random, std::size_t n) {
  return static_cast<std::size_t>(static_cast<double>(random() >> 11) * 0x1p-53 * static_cast<double>(n));
}

double p_value(std::span<const double> x, double divergence) {
  std::mt19937_64 random(x.size());
  std::vector<double> shuffled(x.begin(), x.end());
  int at_least = 1;  // the given order is one of them
  for (int k = 0; k < kPermutations; ++k) {
    for (std::size_t i = shuffled.size(); i > 1; --i) std::swap(shuffled[i - 1], shuffled[below(random, i)]);
    at_least += best_split(shuffled).divergence >= divergence * (1 - 1e-9);  // sums in another order
  }
  return at_least / (kPermutations + 1.0);
}

void search(std::span<const double> x, std::size_t offset, double significance, std::vector<ChangePoint>& found) {
  if (x.size() < 2 * kLeastSegment) return;
  const auto split = best_split(x);
  if (split.divergence <= 0) return;
  const double p = p_value(x, split.divergence);
  if (p > significance) return;
  search(x.first(split.at), offset, significance, found);
  found.push_back({offset + split.at, p});
  search(x.subspan(split.at), offset + split.at, significance, found);
}

}  // namespace

std::vector<ChangePoint> change_points(std::span<const double> values, double significance) {
  std::vector<ChangePoint> found;
  search(values, 0, significance, found);
  return found;
}

}  // namespace aisp::stats
