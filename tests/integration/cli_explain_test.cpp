// aisp explain of stored and fresh runs.
#include "cli_process.hpp"

namespace aisp::test {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;

class CliExplain : public CliTest {
 protected:
  // A run of another machine: documents of tests/fixtures/record.
  void place_run() const {
    const std::filesystem::path from = std::string(AISP_SOURCE_DIR) + "/tests/fixtures/record";
    std::filesystem::create_directories(folder_ / "r/targets");
    std::filesystem::copy_file(from / "manifest.2.json", folder_ / "r/manifest.json");
    std::filesystem::copy_file(from / "evidence.4.json", folder_ / "r/targets/ch09_softmax.evidence.json");
    std::filesystem::copy_file(from / "verdict.1.json", folder_ / "r/targets/ch09_softmax.verdict.json");
  }
};

TEST_F(CliExplain, OfAFreshRunAndThenOfTheStoredOne) {
  const auto fresh = aisp({"explain", "ch09:softmax:online", "--pairs", "6", "--restarts", "1", "--json"});
  ASSERT_EQ(fresh.exit_code, 0) << fresh.err;
  EXPECT_EQ(aisp({"explain", "ch09:softmax:online", "--json"}).out, fresh.out);
  EXPECT_EQ(aisp({"explain", "ch09:softmax:online", "latest", "--json"}).out, fresh.out);
  const auto j = fresh.json();
  EXPECT_EQ(j.at("variant"), "online");
  EXPECT_EQ(j.at("results").size(), 2u);
  EXPECT_THAT(j.at("lesson").at("technique").get<std::string>(), HasSubstr("`online`"));
  EXPECT_FALSE(j.at("look_at").empty());
  EXPECT_EQ(j.at("diff").at(0), "--- chapters/ch09/softmax/baseline.cpp");
  EXPECT_EQ(j.at("diff").at(1), "+++ chapters/ch09/softmax/online.cpp");
  EXPECT_EQ(j.at("diff_absent"), "");

  const auto text = aisp({"explain", "ch09:softmax"}).out;
  EXPECT_THAT(text, HasSubstr("against baseline"));
  for (const char* section : {"\nLesson\n", "\nResult\n", "\nLimits\n", "\nWhat to look at\n", "\nSources\n", "\n@@ "})
    EXPECT_THAT(text, HasSubstr(section));
  EXPECT_THAT(text, Not(HasSubstr("\x1b["))) << "colour is for terminals";
  EXPECT_THAT(aisp({"explain", "ch09:softmax", "--no-diff"}).out, Not(HasSubstr("\nSources\n")));
  expect_refused({"explain", "ch07:transpose", "latest"}, {"no result of ch07:transpose"});
}

TEST_F(CliExplain, TakesTheProfileOfTheRun) {
  const auto run = aisp(short_run({"--profile", "minimal", "--json"}));
  const std::filesystem::path path = run.json().at("path").get<std::string>();
  std::ifstream in(folder_ / path / "profiles/ch09_softmax.profile.json");
  auto profile = nlohmann::json::parse(in);
  const auto changed = aisp({"explain", "ch09:softmax:online", "--json"}).json().at("changed");
  for (const auto& v : profile.at("variants")) {
    if (v.at("name") != "online") continue;
    for (const auto& sentence : v.at("against_baseline")) EXPECT_THAT(changed, Contains(sentence));
  }
  // The words of an older aisp stay in its file.
  for (auto& v : profile.at("variants")) {
    v.at("counters") = {{{"name", "kernels"}, {"value", v.at("name") == "online" ? 1 : 4}}};
    v.at("against_baseline") = {"words of an older day"};
  }
  write((path / "profiles/ch09_softmax.profile.json").string(), profile.dump());
  const auto again = aisp({"explain", "ch09:softmax:online", "--json"}).json().at("changed");
  EXPECT_THAT(again, Contains("4 times fewer kernel launches (4 → 1 a call)"));
  EXPECT_THAT(again, Not(Contains("words of an older day")));
  write((path / "profiles/ch09_softmax.profile.json").string(), "{\"schema\": 1,");
  const auto damaged = aisp({"explain", "ch09:softmax:online", "--json"});
  EXPECT_EQ(damaged.exit_code, 0) << damaged.err;
  EXPECT_THAT(damaged.json().at("remarks").dump(), HasSubstr("The saved profile cannot be read"));
}

TEST_F(CliExplain, OfARunFromElsewhere) {
  place_run();
  const auto result = aisp({"explain", "ch09:softmax", "./r"});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.out, HasSubstr("online against baseline"));
  EXPECT_THAT(result.out, HasSubstr("spills 1036 B stored"));
  expect_refused({"explain", "ch09:softmax:vector_exp", "./r"}, {"no result of ch09:softmax vector_exp"});
}

TEST_F(CliExplain, SourcesThatAreNotThereAreSaidToBe) {
  place_run();
  const auto file = folder_ / "r/targets/ch09_softmax.evidence.json";
  std::ifstream in(file);
  std::string text{std::istreambuf_iterator<char>(in), {}};
  const std::string name = "chapters/ch09/softmax/online.cpp";
  text.replace(text.find(name), name.size(), "../../etc/passwd");
  write("r/targets/ch09_softmax.evidence.json", text);
  const auto j = aisp({"explain", "ch09:softmax", "./r", "--json"}).json();
  EXPECT_THAT(j.at("diff_absent").get<std::string>(), HasSubstr("../../etc/passwd is not at hand"));
  EXPECT_TRUE(j.at("diff").empty());
}

TEST_F(CliExplain, BadInputIsRefused) {
  expect_refused({"explain"}, {"target"});
  expect_refused({"explain", "ch09:sofmax"}, {"ch09:softmax"});
  expect_refused({"explain", "ch09:softmax:onlin"}, {"onlin", "online"});
  expect_refused({"explain", "ch09:softmax", "no-such-run"}, {"no-such-run"});
  expect_refused({"explain", "ch09:softmax", "latest", "--fresh"}, {"--fresh"});
}

}  // namespace
}  // namespace aisp::test
