// Properties of the statistics, by simulation with fixed seeds where they are about chance.
#include "stats/stats.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <random>
#include <stdexcept>

using namespace aisp;
using namespace aisp::stats;
using model::Word;
using testing::HasSubstr;

namespace {

using Random = std::mt19937_64;
using Draw = std::function<double(Random&)>;

double uniform(Random& r) { return (static_cast<double>(r() >> 11) + 0.5) * 0x1p-53; }
double gauss(Random& r) { return std::sqrt(-2 * std::log(uniform(r))) * std::cos(2 * M_PI * uniform(r)); }

PairedTimes paired(Random& r, int n, double speedup, double spread) {
  PairedTimes p;
  for (int i = 0; i < n; ++i) {
    p.baseline.push_back(1e-3 * std::exp(spread * gauss(r)));
    p.variant.push_back(1e-3 / speedup * std::exp(spread * gauss(r)));
  }
  return p;
}

}  // namespace

TEST(Quantile, HyndmanFanType7) {
  EXPECT_DOUBLE_EQ(quantile({4, 1, 3, 2}, 0), 1);
  EXPECT_DOUBLE_EQ(quantile({4, 1, 3, 2}, 1), 4);
  EXPECT_DOUBLE_EQ(quantile({4, 1, 3, 2}, 0.5), 2.5);
  EXPECT_DOUBLE_EQ(quantile({4, 1, 3, 2}, 0.25), 1.75);
  EXPECT_DOUBLE_EQ(quantile({7}, 0.9), 7);
  EXPECT_DOUBLE_EQ(quantile({1, 2}, 1.5), 2);  // clamped
  EXPECT_TRUE(std::isnan(median({})));
}

TEST(MedianInterval, KnownCoverages) {  // 1 − 2·P(Bin(n, ½) ≤ k−1)
  EXPECT_DOUBLE_EQ(median_interval({1, 2, 3, 4, 5}).confidence, 0);
  const auto six = median_interval({6, 5, 4, 3, 2, 1});
  EXPECT_NEAR(six.confidence, 0.96875, 1e-12);
  EXPECT_EQ(six.interval.lo, 1);
  EXPECT_EQ(six.interval.hi, 6);
  std::vector<double> twenty;
  for (int i = 1; i <= 20; ++i) twenty.push_back(i);
  const auto m = median_interval(twenty);  // Conover, table A3: k = 6, coverage 0.9586
  EXPECT_EQ(m.interval.lo, 6);
  EXPECT_EQ(m.interval.hi, 15);
  EXPECT_NEAR(m.confidence, 0.9586, 5e-5);
}

TEST(MedianInterval, ExactEvenForManySamples) {
  std::vector<double> values;
  for (int i = 0; i < 5000; ++i) values.push_back(i);
  const auto m = median_interval(values);
  EXPECT_GE(m.confidence, 0.95);
  EXPECT_LT(m.confidence, 0.953);
  EXPECT_NEAR(m.interval.hi - m.interval.lo, 2 * 0.98 * std::sqrt(5000.0), 4);
}

// P(the interval holds the true median) ≥ nominal, whatever the distribution.
TEST(MedianInterval, CoversTheMedianOfAnyDistribution) {
  struct {
    const char* name;
    Draw draw;
    double median;
  } const cases[] = {
      {"normal", [](Random& r) { return gauss(r); }, 0},
      {"log-normal", [](Random& r) { return std::exp(1.5 * gauss(r)); }, 1},
      {"Cauchy", [](Random& r) { return std::tan(M_PI * (uniform(r) - 0.5)); }, 0},
      {"bimodal", [](Random& r) { return (r() & 1 ? 1.0 : -1.0) + 0.3 * gauss(r); }, 0},
      {"skewed bimodal", [](Random& r) { return uniform(r) < 0.25 ? 5 + uniform(r) : uniform(r); }, 2.0 / 3},
  };
  constexpr int kTrials = 4000;
  for (const auto& c : cases)
    for (const int n : {6, 7, 11, 20, 51}) {
      Random r(12345);
      int covered = 0;
      double nominal = 0;
      for (int t = 0; t < kTrials; ++t) {
        std::vector<double> values;
        for (int i = 0; i < n; ++i) values.push_back(c.draw(r));
        const auto m = median_interval(values);
        nominal = m.confidence;
        covered += m.interval.lo <= c.median && c.median <= m.interval.hi;
      }
      const double sigma = std::sqrt(nominal * (1 - nominal) / kTrials);
      EXPECT_GE(nominal, 0.95);
      EXPECT_NEAR(covered / double{kTrials}, nominal, 4 * sigma) << c.name << ", n = " << n;
    }
}

TEST(MedianInterval, HigherConfidenceIsNeverNarrower) {
  Random r(7);
  std::vector<double> values;
  for (int i = 0; i < 40; ++i) values.push_back(gauss(r));
  double lo = std::numeric_limits<double>::infinity(), hi = -lo;
  for (const double c : {0.5, 0.8, 0.9, 0.95, 0.99, 0.999}) {
    const auto m = median_interval(values, c);
    EXPECT_GE(m.confidence, c);
    EXPECT_LE(m.interval.lo, lo);
    EXPECT_GE(m.interval.hi, hi);
    lo = m.interval.lo, hi = m.interval.hi;
  }
}

TEST(PairedRatio, SwappingInvertsAndScalingChangesNothing) {
  Random r(3);
  for (int trial = 0; trial < 50; ++trial) {
    std::vector<PairedTimes> restarts{paired(r, 9, 1.3, 0.1), paired(r, 14, 1.3, 0.1)}, swapped, scaled = restarts;
    for (const auto& p : restarts) swapped.push_back({p.variant, p.baseline});
    for (auto& p : scaled) {
      for (auto& t : p.baseline) t *= 1000;
      for (auto& t : p.variant) t *= 1000;
    }
    const auto a = paired_ratio(restarts), b = paired_ratio(swapped), c = paired_ratio(scaled);
    EXPECT_NEAR(a.speedup * b.speedup, 1, 1e-12);
    EXPECT_NEAR(a.interval.lo * b.interval.hi, 1, 1e-12);
    EXPECT_NEAR(a.interval.hi * b.interval.lo, 1, 1e-12);
    EXPECT_NEAR(a.speedup, c.speedup, 1e-12);
    EXPECT_NEAR(a.interval.lo, c.interval.lo, 1e-12);
    EXPECT_EQ(a.pairs, 23);
    EXPECT_LE(a.interval.lo, a.speedup);
    EXPECT_GE(a.interval.hi, a.speedup);
  }
}

TEST(PairedRatio, AFasterVariantNeverLowersTheSpeedup) {
  Random r(4);
  auto p = paired(r, 15, 1.1, 0.2);
  Ratio last = paired_ratio(std::span(&p, 1));
  for (std::size_t i = 0; i < p.variant.size(); ++i) {
    p.variant[i] *= 0.7;
    const auto now = paired_ratio(std::span(&p, 1));
    EXPECT_GE(now.speedup, last.speedup);
    EXPECT_GE(now.interval.lo, last.interval.lo);
    EXPECT_GE(now.interval.hi, last.interval.hi);
    last = now;
  }
}

TEST(PairedRatio, IntervalReachesOverTheRestarts) {
  const PairedTimes fast{std::vector<double>(10, 1.2), std::vector<double>(10, 1.0)};
  const PairedTimes same{std::vector<double>(30, 1.0), std::vector<double>(30, 1.0)};
  const std::vector both{fast, same};
  const auto r = paired_ratio(both);
  EXPECT_NEAR(r.interval.lo, 1, 1e-12);
  EXPECT_NEAR(r.interval.hi, 1.2, 1e-12);  // within restarts alone it would be 1 … 1
  EXPECT_NEAR(r.speedup, 1, 1e-12);
}

TEST(PairedRatio, FewerThanSixPairsGiveNoInterval) {
  Random r(5);
  const std::vector five{paired(r, 5, 2, 0.01)};
  EXPECT_EQ(paired_ratio(five).confidence, 0);
  EXPECT_EQ(classify(paired_ratio(five), 0), Word::unresolved);
  const std::vector two{paired(r, 3, 2, 0.01), paired(r, 3, 2, 0.01)};
  EXPECT_GT(paired_ratio(two).confidence, 0.95);
  EXPECT_EQ(classify(paired_ratio(two), 0), Word::fast);
  EXPECT_EQ(paired_ratio({}).pairs, 0);
}

TEST(PairedRatio, RefusesTimesThatAreNone) {
  for (const double bad : {0.0, -1.0, std::numeric_limits<double>::infinity(), std::nan("")}) {
    const std::vector<PairedTimes> p{{{1, bad}, {1, 1}}};
    EXPECT_THROW(paired_ratio(p), std::invalid_argument);
  }
  const std::vector<PairedTimes> uneven{{{1, 2}, {1}}};
  EXPECT_THROW(paired_ratio(uneven), std::invalid_argument);
}

TEST(Classify, TheWholeIntervalDecides) {
  const auto word = [](double lo, double hi, double floor = 0.02) {
    return classify({.speedup = std::sqrt(lo * hi), .interval = {lo, hi}, .confidence = 0.95, .pairs = 20}, floor);
  };
  EXPECT_EQ(word(1.021, 1.5), Word::fast);
  EXPECT_EQ(word(1.019, 1.5), Word::unresolved);
  EXPECT_EQ(word(0.5, 0.980), Word::slow);
  EXPECT_EQ(word(0.5, 0.981), Word::unresolved);
  EXPECT_EQ(word(0.981, 1.019), Word::same);
  EXPECT_EQ(word(0.98, 1.019), Word::unresolved);
  EXPECT_EQ(word(1.0051, 1.1, 0), Word::fast);  // never below half a per cent
  EXPECT_EQ(word(1.0049, 1.1, 0), Word::unresolved);
}

TEST(AaFloor, IsTheQuantileOfEitherDirection) {
  std::vector<double> ratios;
  for (int i = 0; i <= 100; ++i) ratios.push_back(i % 2 ? std::exp(0.001 * i) : std::exp(-0.001 * i));
  EXPECT_NEAR(aa_floor(ratios), std::exp(0.095) - 1, 1e-9);
  EXPECT_EQ(aa_floor({}), 0);
}

TEST(Bimodality, OnlyTwoGroupsClearlyApart) {
  Random r(6);
  std::vector<double> two, one, tail;
  for (int i = 0; i < 100; ++i) {
    two.push_back((i % 5 < 2 ? 1.21e-3 : 0.98e-3) * (1 + 0.005 * gauss(r)));
    one.push_back(1e-3 * (1 + 0.05 * gauss(r)));
    tail.push_back(1e-3 * std::exp(0.5 * std::abs(gauss(r))));
  }
  ASSERT_TRUE(bimodality(two));
  EXPECT_THAT(*bimodality(two), HasSubstr("60 % of samples near 980 µs, 40 % near 1.21 ms"));
  EXPECT_FALSE(bimodality(one));
  EXPECT_FALSE(bimodality(tail));
  EXPECT_FALSE(bimodality(std::vector<double>(50, 1.0)));
  EXPECT_FALSE(bimodality(std::vector<double>{1, 2, 1, 2}));  // too few to say
}

TEST(PlanPairs, MoreForNoiseAndForSmallEffectsWithinLimits) {
  const auto plan = [](double spread, double effect) {
    Random r(8);
    std::vector<double> pilot;
    for (int i = 0; i < 40; ++i) pilot.push_back(spread * gauss(r));
    return plan_pairs(pilot, effect, 1000);
  };
  EXPECT_LT(plan(0.02, 0.01), plan(0.04, 0.01));
  EXPECT_LT(plan(0.04, 0.02), plan(0.04, 0.01));
  EXPECT_EQ(plan(1e-6, 0.01), kMinPairs);
  EXPECT_EQ(plan(10, 0.01), 1000);
  EXPECT_EQ(plan_pairs({}, 0.01, 500), 500);  // nothing known: all that is allowed
}

TEST(PlanPairs, ResolvesTheEffectThatItPlannedFor) {
  Random r(9);
  int resolved = 0;
  for (int trial = 0; trial < 200; ++trial) {
    const auto pilot = paired(r, 30, 1, 0.05);
    std::vector<double> logs;
    for (std::size_t i = 0; i < pilot.baseline.size(); ++i)
      logs.push_back(std::log(pilot.baseline[i] / pilot.variant[i]));
    const int n = plan_pairs(logs, 0.02, 2000);
    const std::vector run{paired(r, n, 1.05, 0.05)};
    resolved += classify(paired_ratio(run), 0) == Word::fast;
  }
  EXPECT_GE(resolved, 190);
}
