// The shift between two samples against its definition, and the coverage of its interval by simulation.
#include "stats/shift.hpp"

#include "stats/stats.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

namespace aisp::stats {
namespace {

double gauss(std::mt19937_64& r) {
  const auto uniform = [&] { return (static_cast<double>(r() >> 11) + 0.5) * 0x1p-53; };
  const double radius = std::sqrt(-2 * std::log(uniform()));
  return radius * std::cos(2 * M_PI * uniform());
}

std::vector<double> sample(std::mt19937_64& random, int n, double centre) {
  std::vector<double> values;
  for (int i = 0; i < n; ++i) values.push_back(centre + gauss(random));
  return values;
}

TEST(Shift, IsTheMedianOfAllDifferences) {
  std::mt19937_64 random(1);
  for (int trial = 0; trial < 50; ++trial) {
    const auto a = sample(random, 1 + trial % 13, 0), b = sample(random, 1 + trial % 7, 1);
    std::vector<double> differences;
    for (double x : a)
      for (double y : b) differences.push_back(y - x);
    EXPECT_NEAR(shift(a, b).value, median(differences), 1e-12);
  }
}

// Hollander, Wolfe and Chicken, example 4.1 (permeability of the human chorioamnion).
TEST(Shift, AgreesWithAPublishedExample) {
  const std::vector<double> x{0.80, 0.83, 1.89, 1.04, 1.45, 1.38, 1.91, 1.64, 0.73, 1.46},
      y{1.15, 0.88, 0.90, 0.74, 1.21};
  EXPECT_NEAR(shift(x, y).value, -0.305, 1e-9);
  EXPECT_EQ(shift(x, y).confidence, 0) << "five values are fewer than kMinPairs";
}

TEST(Shift, TheIntervalCoversTheTruthAsOftenAsItSays) {
  std::mt19937_64 random(2);
  int covered = 0;
  constexpr int kTrials = 2000;
  for (int i = 0; i < kTrials; ++i) {
    const auto s = shift(sample(random, 20, 0), sample(random, 30, 0.5));
    covered += s.interval.lo <= 0.5 && 0.5 <= s.interval.hi;
  }
  EXPECT_NEAR(covered / double{kTrials}, 0.95, 0.015);
}

TEST(Shift, ConstantsAndFewValues) {
  const std::vector<double> ones(10, 1), threes(10, 3), few(5, 3), none;
  EXPECT_EQ(shift(ones, threes).value, 2);
  EXPECT_EQ(shift(ones, threes).interval.lo, 2);
  EXPECT_EQ(shift(ones, threes).interval.hi, 2);
  EXPECT_EQ(shift(ones, few).confidence, 0);
  EXPECT_EQ(shift(ones, none).confidence, 0);
}

}  // namespace
}  // namespace aisp::stats
