// What the command line does before anything is measured: help, settings, and bad input.
#include "cli_process.hpp"

namespace aisp::test {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

class CliUsage : public CliTest {};

TEST_F(CliUsage, EveryCommandHasHelpWithAnExample) {
  const std::vector<std::vector<std::string>> commands = {{},
                                                          {"bench"},
                                                          {"bench", "list-chapters"},
                                                          {"bench", "list-targets"},
                                                          {"bench", "run"},
                                                          {"bench", "verify"},
                                                          {"bench", "audit"},
                                                          {"bench", "compare-runs"},
                                                          {"bench", "summary"},
                                                          {"bench", "report"},
                                                          {"judge"},
                                                          {"calibrate"},
                                                          {"profile"},
                                                          {"roofline"},
                                                          {"utils"},
                                                          {"system"},
                                                          {"system", "info"},
                                                          {"system", "env"},
                                                          {"clean"},
                                                          {"version"}};
  for (auto command : commands) {
    command.push_back("--help");
    const auto result = aisp(command);
    EXPECT_EQ(result.exit_code, 0) << ::testing::PrintToString(command);
    EXPECT_THAT(result.out, HasSubstr("Example:\n  aisp ")) << ::testing::PrintToString(command);
    EXPECT_EQ(result.err, "");
  }
}

TEST_F(CliUsage, DryRunWritesNothing) {
  const auto result = aisp({"bench", "run", "--targets", "ch09:softmax", "--dry-run", "--json"});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(result.json().at(0).at("target"), "ch09:softmax");
  EXPECT_EQ(result.json().at(0).at("scale"), "light");
  EXPECT_THAT(files(), IsEmpty());
}

// ---------------------------------------------------------------------------------------------------------------------
// Settings: flags, then the environment, then the file.

TEST_F(CliUsage, FlagBeatsEnvironmentBeatsFile) {
  const std::vector<std::string> dry{"bench", "run", "--targets", "ch09:softmax", "--dry-run", "--json"};
  const auto scale = [&](std::vector<std::string> more, std::map<std::string, std::string> environment = {}) {
    auto arguments = dry;
    arguments.insert(arguments.end(), more.begin(), more.end());
    const auto result = aisp(arguments, std::move(environment));
    EXPECT_EQ(result.exit_code, 0) << result.err;
    return result.json().at(0).at("scale").get<std::string>();
  };
  write("full.toml", "# settings\n[bench.run]\nscale = \"full\"\n");
  EXPECT_EQ(scale({}), "light");
  EXPECT_EQ(scale({"--config", "full.toml"}), "full");
  EXPECT_EQ(scale({"--config", "full.toml"}, {{"AISP_FAST_BENCH", "1"}}), "light");
  EXPECT_EQ(scale({"--config", "full.toml", "--scale", "full"}, {{"AISP_FAST_BENCH", "1"}}), "full");
  EXPECT_EQ(scale({}, {{"AISP_FAST_BENCH", "0"}}), "full");
  write("aisp.toml", "[bench.run]\nscale = \"full\"\n");  // found in the current folder
  EXPECT_EQ(scale({}), "full");
}

TEST_F(CliUsage, ConfigurationMayNameTargets) {
  write("aisp.toml", "[bench.run]\ntargets = [\"ch09:softmax\"]\n");
  const auto result = aisp({"bench", "run", "--dry-run", "--json"});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  ASSERT_EQ(result.json().size(), 1u);
  EXPECT_EQ(result.json().at(0).at("target"), "ch09:softmax");
}

TEST_F(CliUsage, MalformedConfigurationIsRefused) {
  write("bad.toml", "[bench.run]\nscale\n");
  expect_refused({"bench", "run", "--config", "bad.toml"}, {"bad.toml", "line 2"});
  write("quote.toml", "[bench.run]\nscale = \"light\n");
  expect_refused({"bench", "run", "--config", "quote.toml"}, {"quote.toml", "line 2", "quote"});
  write("key.toml", "[bench.run]\nscael = \"light\"\n");
  expect_refused({"bench", "run", "--config", "key.toml"}, {"key.toml", "scael"});
  write("section.toml", "[bench.runn]\nscale = \"light\"\n");
  expect_refused({"bench", "run", "--config", "section.toml"}, {"section.toml", "runn"});
  write("open.toml", "[bench.run]\ntargets = [\"ch09\",\n");
  expect_refused({"bench", "run", "--config", "open.toml"}, {"open.toml", "array"});
  write("value.toml", "[bench.run]\nscale = \"huge\"\n");
  expect_refused({"bench", "run", "--config", "value.toml"}, {"huge", "light"});
  write("binary.toml", std::string("\x7f"
                                   "ELF\0\1\2\3\n",
                                   9));
  expect_refused({"bench", "run", "--config", "binary.toml"}, {"binary.toml", "line 1"});
  expect_refused({"bench", "run", "--config", "absent.toml"}, {"absent.toml"});
}

TEST_F(CliUsage, MalformedEnvironmentIsRefused) {
  expect_refused({"bench", "run", "--dry-run"}, {"AISP_FAST_BENCH", "maybe", "1"}, {{"AISP_FAST_BENCH", "maybe"}});
}

// ---------------------------------------------------------------------------------------------------------------------
// Bad input

TEST_F(CliUsage, UnknownNamesSuggestTheNearest) {
  expect_refused({"bench", "run", "--targets", "ch09:sofmax"}, {"ch09:sofmax", "ch09:softmax"});
  expect_refused({"bench", "run", "--targets", "ch099"}, {"ch099", "ch09"});
  expect_refused({"bench", "run", "--targets", "zz*"}, {"zz*"});
  expect_refused({"bench", "run", "--targets", ","}, {"--targets"});
  expect_refused({"bench", "list-targets", "--chapter", "ch0"}, {"ch0"});
  expect_refused({"bench", "list-targets", "--device", "cdua"}, {"cdua", "cuda"});
  expect_refused({"bench", "run", "--device", "cpuu"}, {"cpuu", "cpu"});
  expect_refused({"bench", "run", "--scale", "ful"}, {"ful", "full"});
  expect_refused({"bench", "run", "--profile", "minmal"}, {"minmal", "minimal"});
  expect_refused({"bench", "report", "--format", "mdd"}, {"mdd", "md"});
  expect_refused({"bench", "verify", "-t", "ch09:sofmax"}, {"ch09:softmax"});
  expect_refused({"judge", "x.cpp", "--workload", "ch09:sofmax"}, {"x.cpp"});
  expect_refused({"bench", "rum"}, {"rum", "run"});
  expect_refused({"bnech", "run"}, {"bnech", "bench"});
  expect_refused({"bench", "run", "--tragets", "ch09"}, {"--tragets", "--targets"});
}

TEST_F(CliUsage, WhatThisBuildCannotDoIsSaid) {
  if (!std::filesystem::exists("/dev/nvidiactl"))
    expect_refused({"bench", "run", "--device", "cuda"}, {"--device cuda: "});
}

TEST_F(CliUsage, MalformedValuesAreRefused) {
  expect_refused({"bench", "run", "--seed", "xyz"}, {"--seed", "hexadecimal"});
  expect_refused({"bench", "run", "--seed", std::string(65, 'a')}, {"--seed", "64"});
  expect_refused({"bench", "run", "--seed", ""}, {"--seed"});
  expect_refused({"bench", "run", "--pairs", "0"}, {"--pairs"});
  expect_refused({"bench", "run", "--pairs", "six"}, {"--pairs", "six"});
  expect_refused({"bench", "run", "--restarts", "-1"}, {"--restarts"});
  for (const char* timeout : {"0", "nan", "inf", "-1", "5s", ""})
    expect_refused({"bench", "run", "--timeout", timeout}, {"--timeout"});
  const auto with_extra = [](const char* text) {
    return std::vector<std::string>{"bench", "run", "-t", "ch09:softmax", "--target-extra-arg", text};
  };
  expect_refused(with_extra("--rows 5"), {"no '='"});
  expect_refused(with_extra("ch09:softmax="), {"no parameter"});
  expect_refused(with_extra("ch09:l2norm=--rows 5"), {"ch09:l2norm", "not a target of this run"});
  expect_refused(with_extra("ch09:softmax=--lines 5"), {"--lines", "--rows, --cols"});
  for (const char* value : {"", "0", "-1", "1e3", "nan", "99999999999999999999"})
    expect_refused(with_extra(("ch09:softmax=--rows " + std::string(value)).c_str()), {"--rows", "whole number"});
  expect_refused({"bench", "run", "--resume", "../../etc"}, {"etc"});
  expect_refused({"bench", "run", "--resume", "20200101T000000Z-0000"}, {"20200101T000000Z-0000"});
  expect_refused({"bench", "run", "--resume", ""}, {"--resume"});
  expect_refused({"bench", "run", "--resume", "latest"}, {"no runs"});
  expect_refused({"bench", "compare-runs", "nonsense", "nonsense"}, {"nonsense"});
  expect_refused({"bench", "audit", "nonsense"}, {"nonsense"});
  expect_refused({"bench", "compare-runs", "latest"}, {"required"});
  expect_refused({"bench", "verify"}, {"--targets"});
  expect_refused({}, {"command"});
}

TEST_F(CliUsage, ControlCharactersDoNotBreakTheLine) {
  expect_refused({"bench", "run", "--targets", "ch09:\nsof\x1b[31mtmax"}, {"ch09:"});
}

TEST_F(CliUsage, SystemCheckAnswersWithItsStatus) {
  const auto result = aisp({"system", "check", "--json"});
  const auto j = result.json();
  EXPECT_EQ(j.at("fit").get<bool>(), j.at("bad").empty());
  EXPECT_EQ(result.exit_code, j.at("fit").get<bool>() ? 0 : 5) << result.err;
  std::size_t bad = 0;
  for (const auto& setting : aisp({"system", "env", "--json"}).json()) bad += setting.at("state") == "bad";
  if (bad != j.at("bad").size()) GTEST_SKIP() << "the load changed between the two";
}

}  // namespace
}  // namespace aisp::test
