// Plots as text and as gnuplot's script.
#include "analysis/plot.hpp"

#include "analysis/table.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
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
  EXPECT_THAT(script, HasSubstr("set title \"; system rmx\""));
  EXPECT_THAT(script, Not(HasSubstr("nan")));
  EXPECT_EQ(gnuplot_script({}, "png"), "");
}

}  // namespace
}  // namespace aisp::analysis
