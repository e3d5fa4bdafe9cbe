// Tables and prose that fit a terminal.
#include "analysis/columns.hpp"

#include "analysis/table.hpp"

#include <gmock/gmock.h>

#include <sstream>

namespace aisp::analysis {
namespace {
using Rows = std::vector<std::vector<std::string>>;

const Rows kResults{{"target", "median", "what follows"},
                    {"ch07:transpose", "8.52 µs", "a change of the level since the run before"},
                    {"ch09", "9 ms", ""}};

TEST(Columns, AreAsWideAsTheirWidestCell) {
  EXPECT_EQ(columns(kResults, 100),
            "target          median   what follows\n"
            "ch07:transpose  8.52 µs  a change of the level since the run before\n"
            "ch09            9 ms\n");
  EXPECT_EQ(columns({}, 80), "");
}

TEST(Columns, TheLastIsBrokenAtItsSpaces) {
  EXPECT_EQ(columns(kResults, 50),
            "target          median   what follows\n"
            "ch07:transpose  8.52 µs  a change of the level\n"
            "                         since the run before\n"
            "ch09            9 ms\n");
}

TEST(Columns, RowsGoOnBelowWhereThereIsNoRoom) {
  EXPECT_EQ(columns(kResults, 30),
            "target          median\n"
            "    what follows\n"
            "ch07:transpose  8.52 µs\n"
            "    a change of the level\n"
            "    since the run before\n"
            "ch09            9 ms\n");
}

TEST(Columns, NothingIsLostAtAnyWidth) {
  const auto letters = [](const std::string& text) {
    std::string kept;
    for (const char c : text)
      if (c != ' ' && c != '\n') kept += c;
    return kept;
  };
  for (int width = 1; width < 100; ++width) {
    const auto text = columns(kResults, width);
    EXPECT_EQ(letters(text), letters(columns(kResults, 1000))) << width;
    if (width < 26) continue;  // an indent and twenty columns of prose
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) EXPECT_LE(display_width(line), width) << line;
  }
}

TEST(Wrapped, KeepsWordsWhole) {
  EXPECT_EQ(wrapped("one two three four five six", 20), "one two three four\nfive six\n");
  EXPECT_EQ(wrapped("- one two three four five six", 20, 2), "- one two three four\n  five six\n");
  EXPECT_EQ(wrapped("", 20), "\n");
}

}  // namespace
}  // namespace aisp::analysis
