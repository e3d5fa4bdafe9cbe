// Text of strangers, made safe to show.
#include "model/text.hpp"
#include "analysis/columns.hpp"
#include "analysis/document.hpp"
#include "analysis/flat.hpp"
#include "nvrtc/first_error.hpp"
#include "record/text.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace aisp {
namespace {

using model::printable;
using ::testing::HasSubstr;
using ::testing::Not;

TEST(Text, WordsOfEveryLanguageStayAsTheyAre) {
  for (const char* text : {"", "plain", "12.3 µs · ±2 %", "naïve Σ ≤ 漢字 🚀", "two  spaces"})
    EXPECT_EQ(printable(text), text);
}

TEST(Text, LineBreaksOfEveryKindBecomeSpaces) {
  EXPECT_EQ(printable("a\nb\rc\td\ve\ff\u0085g\u2028h\u2029i"), "a b c d e f g h i");
}

TEST(Text, ControlsBecomeQuestionMarks) {
  EXPECT_EQ(printable(std::string_view("a\0b\x1b[31mc\x7f", 10)), "a?b?[31mc?");
  EXPECT_EQ(printable("\u009b31m\u0080\u009d0;t\u009c"), "?31m??0;t?");
}

TEST(Text, WhatReordersOrHidesBecomesAQuestionMark) {
  for (const char* c : {"\u061c", "\u200b", "\u200d", "\u200e", "\u200f", "\u202a", "\u202e", "\u2060", "\u2066",
                        "\u2069", "\u206f", "\ufeff", "\u00ad", "\U000e0041"})
    EXPECT_EQ(printable(std::string("a") + c + "b"), "a?b") << c;
}

TEST(Text, BytesThatAreNoUtf8BecomeQuestionMarks) {
  EXPECT_EQ(printable("\x9b"
                      "31m"),
            "?31m");                  // C1 as a single byte
  EXPECT_EQ(printable("\xc2"), "?");  // ends too early
  EXPECT_EQ(printable("\xe2\x80"), "??");
  EXPECT_EQ(printable("\xc0\x9b"), "??");  // overlong
  EXPECT_EQ(printable("\xe0\x82\x9b"), "???");
  EXPECT_EQ(printable("\xed\xa0\x80"), "???");            // a surrogate
  EXPECT_EQ(printable("\xf4\x90\x80\x80\xff"), "?????");  // above U+10FFFF
}

TEST(Text, CutsBetweenCharacters) {
  EXPECT_EQ(printable("abc", 3), "abc");
  EXPECT_EQ(printable("abcd", 3), "abc…");
  EXPECT_EQ(printable("ab漢", 4), "ab…");
  EXPECT_EQ(printable("a", 0), "…");
}

TEST(Text, AWholeOutputKeepsItsLinesAndColours) {
  EXPECT_EQ(model::without_hidden("\x1b[1mA\x1b[0m\n\tµ\u202e\u009b\x9b\n"), "\x1b[1mA\x1b[0m\n\tµ???\n");
}

// Every way out uses it.
TEST(Text, NothingHiddenReachesAnyOutput) {
  const std::string bad = "x\u202e\u009b31m\x1b[2J\x9b\u2028y";
  const std::vector<std::string> shown = {
      record::shown(bad),
      analysis::markdown_escaped(bad),
      analysis::html_escaped(bad),
      analysis::csv_line({bad}),
      analysis::columns(std::vector<std::vector<std::string>>{{bad, bad}}, 80),
      nvrtc::first_error("mine.cpp:1: error: " + bad),
      analysis::to_html({analysis::Paragraph{"", bad}}, bad, 100'000),
  };
  for (const auto& text : shown) {
    for (const char* part : {"\u202e", "\u009b", "\x1b", "\u2028"}) EXPECT_THAT(text, Not(HasSubstr(part)));
    EXPECT_EQ(model::without_hidden(text), text);
    EXPECT_THAT(text, HasSubstr("y"));
  }
}

}  // namespace
}  // namespace aisp
