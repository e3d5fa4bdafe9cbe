// aisp profile and bench run --profile: documents of their own, whatever this machine lets be counted.
#include "cli_process.hpp"

namespace aisp::test {
namespace {

using ::testing::HasSubstr;

class CliProfile : public CliTest {
 protected:
  std::string content(const std::string& file) const {
    std::ifstream in(folder_ / file);
    return {std::istreambuf_iterator<char>(in), {}};
  }
};

TEST_F(CliProfile, OfAVariantAgainstTheBaseline) {
  const auto result = aisp({"profile", "ch09:softmax:online", "--output", "p", "--json"});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  const auto j = result.json();
  ASSERT_EQ(j.at("variants").size(), 2u);
  for (const auto& v : j.at("variants")) {
    EXPECT_EQ(v.at("status"), "ok");
    EXPECT_GT(v.at("counted_calls").get<int>(), 0);
    EXPECT_EQ(v.at("spans").at(0).at("name"), "prepare");
    // Either it was counted or the reason is there.
    EXPECT_TRUE(v.at("counters").size() == 6 || v.at("counters_absent") != "");
    EXPECT_TRUE(v.at("samples").get<int>() > 0 || v.at("samples_absent") != "");
  }
  const auto trace = nlohmann::json::parse(content("p/ch09_softmax.trace.json"));
  EXPECT_GT(trace.at("traceEvents").size(), 10u);
  for (const auto& file : j.at("files")) EXPECT_TRUE(std::filesystem::exists(folder_ / file.get<std::string>()));
  EXPECT_FALSE(std::filesystem::exists(folder_ / "artifacts"));
}

TEST_F(CliProfile, OfARunLiesBesideItsEvidence) {
  const auto result = aisp(short_run({"--profile", "minimal", "--json"}));
  ASSERT_EQ(result.err.find("not profiled"), std::string::npos) << result.err;
  const std::filesystem::path run = result.json().at("path").get<std::string>();
  const auto j = nlohmann::json::parse(content((run / "profiles/ch09_softmax.profile.json").string()));
  EXPECT_EQ(j.at("level"), "minimal");
  EXPECT_EQ(j.at("variants").at(0).at("samples_absent"), "not asked for");
  const auto evidence = nlohmann::json::parse(content((run / "targets/ch09_softmax.evidence.json").string()));
  EXPECT_EQ(evidence.at("variants").size(), j.at("variants").size());
}

TEST_F(CliProfile, RooflineOfARun) {
  const auto result = aisp(short_run({"--profile", "roofline"}));
  EXPECT_THAT(result.out, HasSubstr("what binds"));
  EXPECT_THAT(result.out, HasSubstr("profiled and not timed"));
}

TEST_F(CliProfile, BadInputIsRefused) {
  expect_refused({"profile"}, {"target"});
  expect_refused({"profile", "ch09:sofmax"}, {"ch09:softmax"});
  expect_refused({"profile", "ch09:softmax:onlin"}, {"onlin", "online"});
  expect_refused({"profile", "ch09:softmax", "--level", "deep"}, {"deep_dive"});
}

}  // namespace
}  // namespace aisp::test
