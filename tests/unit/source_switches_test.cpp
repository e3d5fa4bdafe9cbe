// Switches that a source sets for itself, in every spelling that a compiler takes, and what only looks like one.
#include "validity/source_switches.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace aisp::validity {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

// "line kind text" of each switch; files below /usr are vouched for.
std::vector<std::string> found(const std::string& text, Language language = Language::cpp) {
  std::vector<std::string> all;
  for (const auto& s :
       source_switches(text, language, [](const std::string& file) { return file.starts_with("/usr/"); }))
    all.push_back(s.where + (s.optimises ? " ! " : " . ") + s.text);
  return all;
}

TEST(SourceSwitches, OptimisationInEverySpelling) {
  EXPECT_THAT(found("__attribute__((optimize(\"fast-math\"))) void f();"), ElementsAre(":1 ! optimize(\"fast-math\")"));
  EXPECT_THAT(found("__attribute((hot, __optimize__(3))) void f();"), ElementsAre(":1 ! optimize(3)"));
  EXPECT_THAT(found("[[gnu::optimize(\"O1\")]] void f();"), ElementsAre(":1 ! optimize(\"O1\")"));
  EXPECT_THAT(found("[[using gnu: hot, optimize(\"O1\")]] void f();"), ElementsAre(":1 ! optimize(\"O1\")"));
  EXPECT_THAT(found("<:<:__gnu__ :: __optimize__ (\"O1\"):>:> void f();"), ElementsAre(":1 ! optimize(\"O1\")"));
  EXPECT_THAT(found("[[noreturn]] [[gnu::optimize(1)]] void f();"), ElementsAre(":1 ! optimize(1)"));
  EXPECT_THAT(found("__attribute__((cold)) __attribute__((optimize(1))) int x;"), ElementsAre(":1 ! optimize(1)"));
  EXPECT_THAT(found("\n#pragma GCC optimize \"O1\"\n"), ElementsAre(":2 ! #pragma GCC optimize \"O1\""));
  EXPECT_THAT(found("#pragma GCC optimize(\"O1\")\n"), ElementsAre(":1 ! #pragma GCC optimize(\"O1\")"));
  EXPECT_THAT(found("  #  pragma   GCC   optimize (\"O1\")\n").size(), 1u);
  EXPECT_THAT(found("#pragma clang fp reassociate(on)\n").size(), 1u);
  EXPECT_THAT(found("#pragma float_control(precise, off)\n").size(), 1u);
  EXPECT_THAT(found("#pragma STDC FP_CONTRACT ON\n").size(), 1u);
}

TEST(SourceSwitches, TargetsAreNotesAndTheSystemsAreNone) {
  EXPECT_THAT(found("__attribute__((target(\"avx2\"))) void f();"), ElementsAre(":1 . target(\"avx2\")"));
  EXPECT_THAT(found("[[gnu::target_clones(\"avx2\",\"default\")]] void f();").size(), 1u);
  EXPECT_THAT(found("# 10 \"/usr/include/x.h\" 1 3\n#pragma GCC target(\"avx2\")\n# 4 \"dir/mine.cpp\" 2\n#pragma GCC "
                    "target(\"avx\")\n"),
              ElementsAre("mine.cpp:4 . #pragma GCC target(\"avx\")"));
  // No header of the system sets these, so a line that says it is one of them is not believed.
  EXPECT_THAT(found("# 10 \"/usr/include/x.h\" 1 3\n[[gnu::optimize(1)]] void f();\n"),
              ElementsAre("x.h:10 ! optimize(1)"));
}

TEST(SourceSwitches, WhatOnlyLooksLikeOne) {
  EXPECT_THAT(found("const char* s = \"__attribute__((optimize(1)))\"; char c = '\"';"), IsEmpty());
  EXPECT_THAT(found("auto s = R\"x(\n#pragma GCC optimize(1)\n__attribute__((optimize(1))) )x\";"), IsEmpty());
  EXPECT_THAT(found("void optimize(int); void g() { optimize(1); a[0] = target(2); }"), IsEmpty());
  EXPECT_THAT(found("__attribute__((aligned(64))) int x; [[nodiscard]] int f(); int y = 1'000'000;"), IsEmpty());
  EXPECT_THAT(found("#pragma GCC ivdep\n#pragma omp simd\n#pragma once\n#pragma GCC diagnostic push\n"), IsEmpty());
}

// What hides an attribute from a reader of C++ is plain text to a reader of C, and the other way round.
TEST(SourceSwitches, EachLanguageIsReadAsItIs) {
  const std::string raw = "[[a::b(R\"(\")]] __attribute__((optimize(1))) int x; [[a::b(\")\")]]";
  EXPECT_THAT(found(raw, Language::c), ElementsAre(":1 ! optimize(1)"));
  const std::string quote = "[[a::b(1'a')]] __attribute__((optimize(1))) int x;";
  EXPECT_THAT(found(quote, Language::c), ElementsAre(":1 ! optimize(1)"));
  EXPECT_THAT(found("int x = 1'0; __attribute__((optimize(1))) int y = 1'0;"), ElementsAre(":1 ! optimize(1)"));
}

TEST(SourceSwitches, AreBoundedAndPrintable) {
  std::string many;
  for (int i = 0; i < 1000; ++i) many += "__attribute__((optimize(" + std::to_string(i) + "))) int x;\n";
  EXPECT_EQ(found(many).size(), 64u);
  const auto odd = found("__attribute__((optimize(\"\x1b[31m" + std::string(10000, 'x') + "\"))) int x;");
  ASSERT_EQ(odd.size(), 1u);
  EXPECT_LT(odd.front().size(), 200u);
  EXPECT_EQ(odd.front().find('\x1b'), std::string::npos);
}

TEST(SourceSwitches, LineDirectivesAreSeenBeforeThePreprocessor) {
  for (const char* text : {"# 1 \"/usr/x.h\" 3\n", "int x;\n  #line 3 \"y\"\n", "/* a */ # /* b */ 7 \"y\"\n",
                           "%: 1 \"x\"\n", "#\\\nline 1\n", "#li\\\nne 1\n", "/* a\n b */ #line 1\n", "?\?= 1 \"x\"\n"})
    EXPECT_TRUE(renames_lines(text)) << text;
  for (const char* text :
       {"// as in #1\n", "int x; // #line 1\n", "#include <x>\n#define f(x) #x\n", "", "#", "#  /*", "issue #12"})
    EXPECT_FALSE(renames_lines(text)) << text;
}

}  // namespace
}  // namespace aisp::validity
