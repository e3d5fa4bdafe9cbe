// Plots as text and as gnuplot's script.
#include "analysis/plot.hpp"

#include "analysis/run_plots.hpp"
#include "analysis/table.hpp"
#include "analysis/verdict.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <set>
#include <sstream>

namespace aisp::analysis {
namespace {
using ::testing::HasSubstr;
using ::testing::Not;

Plot two_lines() {
  return {"title", "x", "y", false, false, {{"up", {{0, 0}, {10, 10}}}, {"down", {{0, 10}, {10, 0}}}}};
}

std::vector<std::string> lines_of(const std::string& text) {
  std::istringstream in(text);
  std::vector<std::string> lines;
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

TEST(TextPlot, MarksEndsAndNamesSeries) {
  const auto lines = lines_of(text_plot(two_lines(), 40, 11));
  ASSERT_EQ(lines.size(), 2 + 11 + 2 + 2u);
  EXPECT_EQ(lines[2].back(), 'a');                   // up ends top right
  EXPECT_EQ(lines[2][lines[2].find('|') + 1], 'b');  // down starts top left
  EXPECT_EQ(lines[12].back(), 'b');
  EXPECT_THAT(lines[15], HasSubstr("a  up"));
}

TEST(TextPlot, FitsTheWidth) {
  for (const int width : {20, 40, 80, 200}) {
    auto plot = two_lines();
    plot.x_label = "a label that is rather long for a narrow terminal";
    for (const auto& line : lines_of(text_plot(plot, width, 8))) EXPECT_LE(display_width(line), width) << line;
  }
}

TEST(TextPlot, LogarithmicAxesPlaceDecadesEvenly) {
  const Plot plot{"", "", "", true, true, {{"", {{1, 1}, {10, 10}, {100, 100}}, false}}};
  const auto lines = lines_of(text_plot(plot, 60, 11));
  EXPECT_THAT(lines[5], HasSubstr("a"));  // 10 is in the middle
}

TEST(TextPlot, WhatCannotBeShownIsLeftOut) {
  EXPECT_EQ(text_plot({}, 80), "");
  EXPECT_EQ(text_plot({"", "", "", true, false, {{"", {{0, 1}, {-1, 2}}}}}, 80), "");
  EXPECT_NE(text_plot({"", "", "", false, false, {{"", {{1, NAN}, {1, 2}, {INFINITY, 1}}}}}, 80), "");
}

TEST(GnuplotScript, HoldsEveryPointAndNoQuotes) {
  auto plot = two_lines();
  plot.title = "\"; system \"rm\n`x`";
  plot.series[0].points.push_back({11, NAN});
  const auto script = gnuplot_script(plot, "svg");
  EXPECT_THAT(script, HasSubstr("set terminal svg"));
  EXPECT_THAT(script, HasSubstr("10 10\n"));
  EXPECT_THAT(script, HasSubstr("set title \"; system rm x\""));
  EXPECT_THAT(script, Not(HasSubstr("nan")));
  EXPECT_EQ(gnuplot_script({}, "png"), "");
}

TEST(GnuplotScript, DrawsIntervalsAndNamesRows) {
  Plot plot;
  plot.rows = {"first \"row\"", "second"};
  plot.series = {{"FAST", {{2, 0, 1.5, 2.5}, {3, 1, 0, 0}, {4, 1, NAN, 5}}, false}};
  const auto script = gnuplot_script(plot, "svg");
  EXPECT_THAT(script, HasSubstr("set ytics noenhanced (\"first row\" 0, \"second\" 1)"));
  EXPECT_THAT(script, HasSubstr("$i0 << EOD\n2 0 1.5 2.5\nEOD\n"));
  EXPECT_THAT(script, HasSubstr("xerrorbars"));
}

// --------------------------------------------------------------------------------------------------- plots of a run

record::RunData run_of(const std::vector<std::string>& targets) {
  record::RunData run;
  for (const auto& target : targets) {
    model::TargetEvidence e;
    e.target = target, e.flops = 1e6, e.bytes = 1e6, e.arithmetic = "f32", e.ceilings = {1e11, 1e10, "probe"};
    for (const double seconds : {2e-3, 1e-3}) {
      auto& v = e.variants.emplace_back();
      v.name = e.variants.size() == 1 ? "baseline" : "online", v.status = model::Status::ok;
      v.verification.calls = v.timed_calls = v.verified_timed_calls = 12;
      for (int round = 0; round < 12; ++round) {
        auto& s = v.samples.emplace_back();
        s.round = round, s.calls = 1, s.seconds = seconds * (1 + 0.001 * round);
      }
    }
    run.evidence.push_back(e);
    run.verdicts.push_back(verdict(e));
  }
  return run;
}

TEST(RunPlots, OneOfEachKindThatHasSomethingToShow) {
  auto run = run_of({"ch07:a", "ch07:b", "ch09:c"});
  run.evidence[1].flops = 0;  // no roofline
  run.evidence[2].variants[1].samples.clear();
  std::vector<std::string> names;
  const auto plots = run_plots(run);
  for (const auto& p : plots) {
    names.push_back(p.name);
    EXPECT_NE(gnuplot_script(p.plot, "svg"), "") << p.name;
  }
  EXPECT_THAT(names, testing::ElementsAre("ch07.speedups", "ch09.speedups", "ch07_a.samples", "ch07_a.roofline",
                                          "ch07_b.samples", "ch09_c.samples", "ch09_c.roofline"));
  EXPECT_THAT(plots[0].plot.rows, testing::ElementsAre("ch07:a online", "ch07:b online"));
  const auto& speedup = plots[0].plot.series.back().points[0];
  EXPECT_NEAR(speedup.x, 2, 1e-9);
  EXPECT_LE(speedup.lo, 2);
  EXPECT_GE(speedup.hi, 2);
  double all = 0;
  for (std::size_t b = 0; b + 1 < plots[2].plot.series[0].points.size(); b += 2)
    all += plots[2].plot.series[0].points[b].y;
  EXPECT_EQ(all, 12) << "every sample is in a bin";
}

TEST(RunPlots, NamesOfFilesAreTameAndTellPlotsApart) {
  for (const auto& p : run_plots(run_of({"../../x:a b", "../../x:a_b"})))
    EXPECT_THAT(p.name, testing::MatchesRegex("[A-Za-z0-9_.~-]+"));
  std::set<std::string> names;
  for (const auto& p : run_plots(run_of({"../../x:a b", "../../x:a_b"}))) names.insert(p.name);
  EXPECT_EQ(names.size(), 5u);
}

}  // namespace
}  // namespace aisp::analysis
