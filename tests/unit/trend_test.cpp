// Steps in a history are found where they are, and noise, outliers and drifts in other series are none.
#include "analysis/trend.hpp"
#include "stats/change_points.hpp"

#include <gmock/gmock.h>

#include <cmath>
#include <random>

namespace aisp {
namespace {
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

double gauss(std::mt19937_64& r) {
  const auto uniform = [&] { return (static_cast<double>(r() >> 11) + 0.5) * 0x1p-53; };
  const double radius = std::sqrt(-2 * std::log(uniform()));
  return radius * std::cos(2 * M_PI * uniform());
}

std::vector<double> noise(unsigned seed, std::size_t n, double spread = 1) {
  std::mt19937_64 random(seed);
  std::vector<double> values;
  for (std::size_t i = 0; i < n; ++i) values.push_back(spread * gauss(random));
  return values;
}

TEST(ChangePoints, FindsEachStepWhereItIs) {
  auto values = noise(7, 60, 0.1);
  for (std::size_t i = 20; i < 60; ++i) values[i] += 1;
  for (std::size_t i = 45; i < 60; ++i) values[i] -= 3;
  const auto found = stats::change_points(values);
  ASSERT_THAT(found, SizeIs(2));
  EXPECT_EQ(found[0].at, 20u);
  EXPECT_EQ(found[1].at, 45u);
}

TEST(ChangePoints, ThreeNewResultsAfterManyAreEnough) {
  auto values = noise(2, 30, 0.1);
  for (std::size_t i = 27; i < 30; ++i) values[i] += 1;
  const auto found = stats::change_points(values);
  ASSERT_THAT(found, SizeIs(1));
  EXPECT_EQ(found[0].at, 27u);
}

TEST(ChangePoints, NoiseSeldomLooksLikeAStep) {
  int false_alarms = 0;
  for (unsigned seed = 0; seed < 200; ++seed) false_alarms += !stats::change_points(noise(seed, 30)).empty();
  EXPECT_LE(false_alarms, 6);  // 1 % is expected: 2 of 200
}

TEST(ChangePoints, OneOrTwoOddResultsAreNoLevel) {
  auto values = noise(3, 30, 0.01);
  values[12] += 5;
  values[13] += 5;
  EXPECT_THAT(stats::change_points(values), IsEmpty());
}

TEST(ChangePoints, FewOrEqualValuesHoldNone) {
  EXPECT_THAT(stats::change_points({}), IsEmpty());
  EXPECT_THAT(stats::change_points(std::vector<double>{1, 2, 3}), IsEmpty());
  EXPECT_THAT(stats::change_points(std::vector<double>(50, 1.5)), IsEmpty());
}

record::HistoryPoint point(int run, double seconds, const std::string& host = "xeon") {
  record::HistoryPoint p;
  p.run = "run" + std::to_string(run);
  p.host = host;
  p.target.target = "ch09:softmax";
  p.target.device = "cpu";
  p.variant.name = "online";
  p.variant.status = model::Status::ok;
  p.variant.correct = true;
  p.variant.median_seconds = seconds;
  return p;
}

std::vector<record::HistoryPoint> series(double after) {
  std::vector<record::HistoryPoint> points;
  const auto jitter = noise(5, 20, 0.001);
  for (int i = 0; i < 20; ++i)
    points.push_back(point(i, (i < 12 ? 1e-3 : after) * std::exp(jitter[static_cast<std::size_t>(i)])));
  return points;
}

TEST(Trends, AStepNamesItsRunAndLevels) {
  const auto all = analysis::trends(series(1.2e-3));
  ASSERT_THAT(all, SizeIs(1));
  ASSERT_THAT(all[0].steps, SizeIs(1));
  EXPECT_EQ(all[0].points[all[0].steps[0].at].run, "run12");
  EXPECT_NEAR(all[0].steps[0].ratio(), 1.2, 0.01);
}

TEST(Trends, ALevelThatMovesByLessThanTwoPercentIsNoStep) {
  EXPECT_THAT(analysis::trends(series(1.01e-3)).at(0).steps, IsEmpty());
}

TEST(Trends, HardwareIsNeverMixedAndWrongResultsAreLeftOut) {
  auto points = series(1e-3);
  for (int i = 0; i < 6; ++i) points.push_back(point(20 + i, 9e-3, "epyc"));
  points.push_back(point(30, 1e-6));
  points.back().variant.correct = false;
  points.push_back(point(31, 1e-6));
  points.back().variant.violates = true;
  const auto all = analysis::trends(points);
  ASSERT_THAT(all, SizeIs(2));
  EXPECT_THAT(all[0].points, SizeIs(20));
  EXPECT_EQ(all[0].left_out, 2);
  EXPECT_EQ(all[1].hardware(), "epyc");
  EXPECT_THAT(all[0].steps, IsEmpty());
}

TEST(Trends, ASparklineShowsTheNewestResults) {
  const auto all = analysis::trends(series(2e-3));
  EXPECT_EQ(analysis::sparkline(all[0], 10), "▁▁████████");
  EXPECT_EQ(analysis::sparkline(analysis::Trend{}, 10), "");
}

}  // namespace
}  // namespace aisp
