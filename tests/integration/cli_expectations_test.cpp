// aisp bench run against expectations, and aisp bench expectations.
#include "cli_process.hpp"

namespace aisp::test {
namespace {
namespace fs = std::filesystem;

using nlohmann::json;
using ::testing::AnyOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

class CliExpectations : public CliTest {
 protected:
  // A run against the expectations in the folder "expected".
  Result run(std::vector<std::string> more = {}) const {
    more.insert(more.begin(), {"--json", "--expectations-dir", "expected"});
    return aisp(short_run(std::move(more)));
  }
  // The only file of expectations.
  fs::path file() const {
    std::vector<fs::path> found;
    for (const auto& entry : fs::directory_iterator(folder_ / "expected/ch09")) found.push_back(entry.path());
    EXPECT_THAT(found, SizeIs(1));
    return found.at(0);
  }
  std::string key() const { return file().stem().string().substr(std::string("expectations_").size()); }
  std::string text() const {
    std::ifstream in(file());
    return {std::istreambuf_iterator<char>(in), {}};
  }
  void change(const std::function<void(json&)>& edit) const {
    auto j = json::parse(text());
    edit(j);
    std::ofstream(file()) << j.dump();
  }
  // From now on every variant is expected to be this many times as much faster.
  void expect_times(double factor) const {
    change([&](json& j) {
      for (auto& target : j["targets"])
        for (auto& v : target["variants"]) {
          v["speedup"] = v["speedup"].get<double>() * factor;
          for (const char* end : {"lo", "hi"})
            v["speedup_interval"][end] = v["speedup_interval"][end].get<double>() * factor;
        }
    });
  }
  static std::vector<std::string> list(std::vector<std::string> more = {}) {
    more.insert(more.begin(), {"bench", "expectations", "--expectations-dir", "expected"});
    return more;
  }
};

TEST_F(CliExpectations, AreTakenFromAStoredRun) {
  const auto first = run();
  SKIP_WHEN_TOO_BUSY(first);
  ASSERT_THAT(first.exit_code, AnyOf(0, 1)) << first.err;
  EXPECT_FALSE(fs::exists(folder_ / "expected"));
  expect_refused(list({"--update-from", "nosuch"}), {"nosuch"});
  expect_refused(list({"--accept-regressions"}), {"--update-from"});
  expect_refused(list({"--update-from", "latest", "--targets", "ch99"}), {"ch99"});

  const auto none = aisp(list({"--update-from", "latest", "--targets", "ch01:*"}));
  EXPECT_EQ(none.exit_code, 0) << none.err;
  EXPECT_THAT(none.out, HasSubstr("no finished target among these"));

  const auto taken = aisp(list({"--update-from", "latest", "--json"}));
  ASSERT_EQ(taken.exit_code, 0) << taken.out;
  ASSERT_THAT(json::parse(text()).at("targets"), SizeIs(1));
  const auto once = text();
  EXPECT_EQ(aisp(list({"--update-from", "latest"})).exit_code, 0) << "the same figures are as expected";
  EXPECT_EQ(text(), once);
}

TEST_F(CliExpectations, AreWrittenComparedReplacedAndDefended) {
  const auto first = run({"--update-expectations"});
  SKIP_WHEN_TOO_BUSY(first);
  ASSERT_THAT(first.exit_code, AnyOf(0, 1)) << first.err;
  ASSERT_THAT(first.json().at("expectations"), SizeIs(1));
  EXPECT_EQ(first.json().at("expectations").at(0).at("update"), "added");
  const auto written = json::parse(text());
  const auto& target = written.at("targets").at(0);
  EXPECT_EQ(target.at("target"), "ch09:softmax");
  EXPECT_EQ(target.at("device"), "cpu");
  EXPECT_EQ(target.at("provenance").at("run"), first.json().at("run"));
  EXPECT_THAT(target.at("provenance").at("hardware").get<std::string>(), Not(IsEmpty()));
  EXPECT_THAT(target.at("provenance").at("seed").get<std::string>(), SizeIs(64));
  EXPECT_EQ(target.at("provenance").at("cuda"), "");
  EXPECT_EQ(first.json().at("unpublishable_reasons").empty(),
            target.at("provenance").at("unpublishable_reasons").empty());

  // Far above what it can reach: every optimized variant has regressed.
  expect_times(100);
  const auto high = text();
  const auto worse = run();
  SKIP_WHEN_TOO_BUSY(worse);
  EXPECT_EQ(worse.exit_code, 1) << worse.err;
  EXPECT_EQ(worse.json().at("expectations").at(0).at("variants").at(1).at("outcome"), "regressed");
  std::ifstream kept(folder_ / worse.json().at("path").get<std::string>() / "expectations.json");
  EXPECT_EQ(json::parse(kept).at("targets"), worse.json().at("expectations"));
  const auto refused = run({"--update-expectations"});
  SKIP_WHEN_TOO_BUSY(refused);
  EXPECT_EQ(refused.exit_code, 1);
  EXPECT_EQ(refused.json().at("expectations").at(0).at("update"), "refused");
  EXPECT_THAT(refused.json().at("expectations").at(0).at("why").get<std::string>(), HasSubstr("regressed"));
  EXPECT_EQ(text(), high);
  const auto accepted = run({"--update-expectations", "--accept-regressions"});
  SKIP_WHEN_TOO_BUSY(accepted);
  EXPECT_EQ(accepted.json().at("expectations").at(0).at("update"), "replaced");
  EXPECT_NE(text(), high);

  // Far below: an improvement replaces.
  expect_times(0.01);
  const auto low = text();
  const auto better = run({"--update-expectations"});
  SKIP_WHEN_TOO_BUSY(better);
  EXPECT_EQ(better.json().at("expectations").at(0).at("variants").at(1).at("outcome"), "improved");
  EXPECT_EQ(better.json().at("expectations").at(0).at("update"), "replaced");
  EXPECT_NE(text(), low);
}

TEST_F(CliExpectations, AreShownAsABlockAfterTheTable) {
  const auto silent = aisp(short_run({"--expectations-dir", "expected"}));
  EXPECT_THAT(silent.out, Not(HasSubstr("expectations of")));
  EXPECT_FALSE(fs::exists(folder_ / "expected"));
  SKIP_WHEN_TOO_BUSY(silent);
  const auto first = run({"--update-expectations"});
  SKIP_WHEN_TOO_BUSY(first);
  expect_times(100);
  const auto worse = aisp(short_run({"--expectations-dir", "expected"}));
  EXPECT_THAT(worse.out, HasSubstr("expectations of " + key() + ": "));
  EXPECT_THAT(worse.out, HasSubstr("  regressed   ch09:softmax "));
}

TEST_F(CliExpectations, TheNewestResultsAreAnalyzed) {
  const auto nothing = aisp({"bench", "analyze"});
  EXPECT_EQ(nothing.exit_code, 0) << nothing.err;
  EXPECT_THAT(nothing.out, HasSubstr("no results"));
  const auto first = run({"--update-expectations"});
  SKIP_WHEN_TOO_BUSY(first);
  expect_times(100);
  const auto j = aisp({"bench", "analyze", "--expectations-dir", "expected", "--json"});
  EXPECT_EQ(j.exit_code, 1) << j.err;
  ASSERT_THAT(j.json(), SizeIs(1));
  EXPECT_EQ(j.json().at(0).at("hardware"), key());
  EXPECT_EQ(j.json().at(0).at("run"), first.json().at("run"));
  EXPECT_EQ(j.json().at(0).at("variants").at(1).at("outcome"), "regressed");
  const auto csv = aisp({"bench", "analyze", "--expectations-dir", "expected", "--format", "csv"});
  EXPECT_THAT(csv.out,
              testing::StartsWith("target,variant,scale,hardware,expected,measured,outcome,run,why\nch09:softmax,"));
  EXPECT_THAT(aisp({"bench", "analyze", "--expectations-dir", "expected"}).out, HasSubstr("regressed"));
  fs::create_directory(folder_ / "none");
  const auto elsewhere = aisp({"bench", "analyze", "--expectations-dir", "none", "--format", "md"});
  EXPECT_EQ(elsewhere.exit_code, 0) << elsewhere.err;
  EXPECT_THAT(elsewhere.out, HasSubstr("nothing is expected of this chapter"));
  expect_refused({"bench", "analyze", "--format", "xml"}, {"xml", "csv"});
}

TEST_F(CliExpectations, HowTheNewestResultsWereVerifiedIsReported) {
  EXPECT_THAT(aisp({"bench", "verify-report"}).out, HasSubstr("No target was judged yet"));
  const auto first = run();
  ASSERT_THAT(first.exit_code, AnyOf(0, 1, 4)) << first.err;
  const auto report = aisp({"bench", "verify-report"});
  EXPECT_EQ(report.exit_code, 0) << report.err;
  EXPECT_THAT(report.out, HasSubstr("| ch09:softmax | online | light |"));
  const auto j = aisp({"bench", "verify-report", "--format", "json"}).json();
  ASSERT_THAT(j, SizeIs(testing::Ge(2u)));
  EXPECT_EQ(j.at(1).at("timed_calls"), j.at(1).at("verified_timed_calls"));
  EXPECT_GT(j.at(1).at("calls").get<int>(), 0);
  expect_refused({"bench", "verify-report", "--gpu", "H100"}, {"H100", "there is none of any GPU"});
}

TEST_F(CliExpectations, OfAnotherDriverAreNotMixedIn) {
  const auto first = run({"--update-expectations"});
  SKIP_WHEN_TOO_BUSY(first);
  ASSERT_THAT(first.exit_code, AnyOf(0, 1)) << first.err;
  change([](json& j) {
    j["targets"][0]["target"] = "ch09:elsewhere";
    j["targets"][0]["provenance"]["driver"] = "570.1";
  });
  const auto before = text();
  const auto mixed = run({"--update-expectations"});
  SKIP_WHEN_TOO_BUSY(mixed);
  EXPECT_EQ(mixed.exit_code, 1);
  EXPECT_THAT(mixed.json().at("expectations").at(0).at("why").get<std::string>(), HasSubstr("driver '570.1'"));
  EXPECT_EQ(text(), before);
  const auto allowed = run({"--update-expectations", "--mixed-provenance"});
  SKIP_WHEN_TOO_BUSY(allowed);
  EXPECT_EQ(allowed.json().at("expectations").at(0).at("update"), "added");
  EXPECT_THAT(json::parse(text()).at("targets"), SizeIs(2));
}

TEST_F(CliExpectations, AreListedAndFiltered) {
  fs::create_directory(folder_ / "expected");
  EXPECT_THAT(aisp(list()).out, HasSubstr("nothing is expected yet"));
  expect_refused(list({"--hardware", "h200"}), {"unknown hardware 'h200'"});
  const auto first = run({"--update-expectations"});
  SKIP_WHEN_TOO_BUSY(first);
  ASSERT_THAT(first.exit_code, AnyOf(0, 1)) << first.err;
  change([](json& j) { j["targets"][0]["variants"][1]["speedup"] = 1.05; });
  const auto table = aisp(list());
  EXPECT_THAT(table.out, HasSubstr("ch09:softmax"));
  EXPECT_THAT(table.out, HasSubstr(key()));
  const auto all = aisp(list({"--json"})).json();
  const auto variants = all.at("expectations").size();
  ASSERT_GE(variants, 1u);
  EXPECT_EQ(all.at("below"), 0);
  EXPECT_EQ(aisp(list({"--min-speedup", "1.05", "--json"})).json().at("expectations").at(0).at("variant").at("speedup"),
            1.05);
  const auto none = aisp(list({"--min-speedup", "1000"}));
  EXPECT_EQ(none.exit_code, 0);
  EXPECT_THAT(none.out, HasSubstr("0 at 1000× or above, " + std::to_string(variants) + " below"));
  EXPECT_EQ(aisp(list({"--hardware", key(), "--json"})).json().at("expectations").size(), variants);
  EXPECT_THAT(aisp(list({"--chapter", "ch07", "--json"})).json().at("expectations"), IsEmpty());
  expect_refused(list({"--hardware", key() + "x"}), {"unknown hardware", "did you mean " + key() + "?"});
  expect_refused(list({"--chapter", "ch90"}), {"unknown chapter 'ch90'"});
  for (const char* bad : {"0", "-1", "nan", "x"}) expect_refused(list({"--min-speedup", bad}), {"--min-speedup"});
}

TEST_F(CliExpectations, DamagedOnesCostOneLineAndNoRun) {
  const auto first = run({"--update-expectations"});
  SKIP_WHEN_TOO_BUSY(first);
  change([](json& j) { j["targets"][0]["variants"][1]["speedup"] = "fast"; });
  const std::vector<std::string> needles{file().filename().string(), "$.targets[0].variants[1].speedup"};
  expect_refused(list(), needles);
  expect_refused(short_run({"--expectations-dir", "expected"}), needles);
}

TEST_F(CliExpectations, BadUseIsRefused) {
  for (const char* command : {"expectations", "analyze"})
    expect_refused({"bench", command, "--expectations-dir", "nowhere"}, {"--expectations-dir", "no folder nowhere"});
  expect_refused(short_run({"--accept-regressions"}), {"--accept-regressions", "--update-expectations"});
  expect_refused(short_run({"--mixed-provenance"}), {"--mixed-provenance", "--update-expectations"});
  write("file", "not a folder");
  expect_refused(short_run({"--update-expectations", "--expectations-dir", "file"}),
                 {"file/ch09", "--expectations-dir"});
}

}  // namespace
}  // namespace aisp::test
