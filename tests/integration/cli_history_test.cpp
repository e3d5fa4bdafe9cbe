// bench history, and the other commands that read it: right answers whatever became of the file.
#include "cli_process.hpp"
#include "record/history.hpp"

namespace aisp::test {
namespace {
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

class CliHistory : public CliTest {
 protected:
  std::filesystem::path home() const { return folder_ / "artifacts"; }
  std::filesystem::path file() const { return record::History::file(home()); }

  // A finished run whose variant took so long.
  std::string run(double seconds = 1e-3, bool correct = true) const {
    model::TargetEvidence e;
    e.target = "ch09:softmax";
    e.scale = scale_, e.params = params_;
    model::TargetVerdict v;
    v.target = e.target;
    for (const char* name : {"baseline", "online"}) {
      model::VariantEvidence variant;
      variant.name = name;
      variant.status = model::Status::ok;
      for (int round = 0; round < 12; ++round) {
        model::Sample s;
        s.round = round;
        s.calls = 1;
        s.seconds = (e.variants.empty() ? 2e-3 : seconds) * (1 + 0.001 * round);
        variant.samples.push_back(s);
      }
      e.variants.push_back(variant);
      model::VariantVerdict judged;
      judged.name = name;
      judged.correct = correct;
      judged.median_seconds = v.variants.empty() ? 2e-3 : seconds;
      judged.speedup = v.variants.empty() ? 0 : 2e-3 / seconds;
      v.variants.push_back(judged);
    }
    auto run = record::RunStore(home()).create(record::Manifest(), std::string(64, 'a'));
    run.save(e);
    run.save(v);
    run.finish(false, {});
    return run.manifest().run;
  }

  std::string scale_ = "light";
  decltype(model::TargetEvidence::params) params_;
};

TEST_F(CliHistory, ShowsEveryResultAndFindsTheStep) {
  std::vector<std::string> ids;
  for (int i = 0; i < 12; ++i) ids.push_back(run(i < 7 ? 1e-3 : 1.5e-3));
  std::sort(ids.begin(), ids.end());  // the tail of an id is drawn: within a second their order is chance
  const auto overview = aisp({"bench", "history"});
  ASSERT_EQ(overview.exit_code, 0) << overview.err;
  EXPECT_THAT(overview.out, HasSubstr("online"));
  const auto one = aisp({"bench", "history", "ch09:softmax", "--variant", "online", "--json"}).json();
  ASSERT_THAT(one, SizeIs(1));
  EXPECT_THAT(one[0].at("points"), SizeIs(12));
  EXPECT_THAT(aisp({"bench", "history", "ch09"}).out, HasSubstr(ids.front()));
  expect_refused({"bench", "history", "ch09:sofmax"}, {"no results of ch09:sofmax"});
  expect_refused({"bench", "history", "--rebuild", "ch09"}, {"--rebuild", "leave out"});
}

TEST_F(CliHistory, ChosenParametersStandInATitleOnce) {
  scale_ = "full rows=1024", params_ = {{"rows", 1024}, {"cols", 512}};
  run();
  const auto one = aisp({"bench", "history", "ch09:softmax", "--variant", "online"}).out;
  EXPECT_THAT(one, HasSubstr("ch09:softmax online · full · "));
  EXPECT_THAT(one.substr(0, one.find('\n')), HasSubstr(" · rows=1024 cols=512"));
}

TEST_F(CliHistory, WrongResultsAreALineAndNoEmptyTable) {
  run(1e-3, false);
  EXPECT_EQ(aisp({"bench", "history"}).out,
            "2 variants are left out: every result is wrong, against a rule, or without a time\n");
  const auto one = aisp({"bench", "history", "ch09:softmax", "--variant", "online"}).out;
  EXPECT_THAT(one, HasSubstr("1 result is left out: wrong, against a rule, or without a time\n"));
  EXPECT_THAT(one, testing::Not(HasSubstr("median")));
}

TEST_F(CliHistory, IsMadeAgainFromTheFolders) {
  for (int i = 0; i < 3; ++i) run();
  EXPECT_THAT(aisp({"bench", "history", "--rebuild"}).out, HasSubstr("3 runs from their folders"));
  EXPECT_EQ(aisp({"clean"}).exit_code, 0);
  EXPECT_THAT(aisp({"bench", "summary"}).out, HasSubstr("no runs"));
  const auto rebuilt = aisp({"bench", "history", "--rebuild", "--json"}).json();
  EXPECT_EQ(rebuilt.at("taken_up"), 0);
  EXPECT_EQ(rebuilt.at("kept_without_folder"), 3);
  EXPECT_THAT(aisp({"bench", "history", "--json"}).json().at(0).at("points"), SizeIs(3));
}

TEST_F(CliHistory, OfAnUnreadableRunTheOneBeforeIsTheNewest) {
  const auto [before, newest] = std::minmax({run(1e-3), run(2e-3)});  // of one second, in the order of their names
  aisp({"bench", "summary"});                                         // knows both
  std::ofstream(home() / newest / "targets/ch09_softmax.verdict.json") << "{";
  const auto result = aisp({"bench", "analyze", "--json"});
  EXPECT_THAT(result.err, HasSubstr("left out: "));
  ASSERT_EQ(result.json().size(), 1u);
  EXPECT_EQ(result.json().at(0).at("run"), before);
}

TEST_F(CliHistory, AFileThatCannotBeUsedIsOneLineAndNothingMore) {
  const auto id = run();
  std::filesystem::create_directories(home());
  std::ofstream(file()) << std::string(5000, 'x');
  for (const auto& command : {std::vector<std::string>{"bench", "summary"}, {"bench", "history", "ch09"}}) {
    const auto result = aisp(command);
    EXPECT_EQ(result.exit_code, 0);
    EXPECT_EQ(result.error_lines(), 1) << result.err;
    EXPECT_THAT(result.err, HasSubstr("bench history --rebuild"));
    EXPECT_THAT(result.out, HasSubstr(id));
  }
  EXPECT_THAT(aisp({"bench", "history", "--rebuild"}).out, HasSubstr("history.db.damaged"));
  EXPECT_THAT(aisp({"bench", "summary"}).err, IsEmpty());
  {
    record::Database db(file());
    db.execute("PRAGMA user_version = 99");
  }
  EXPECT_THAT(aisp({"bench", "summary"}).err, HasSubstr("of a newer aisp (history version 99"));
}

TEST_F(CliHistory, ARunIsSavedWithoutIt) {
  std::filesystem::create_directories(file());  // a folder in its place
  const auto result = aisp({"bench", "run", "--targets", "ch09:softmax", "--pairs", "6", "--restarts", "1"});
  EXPECT_THAT(result.err, HasSubstr("note: this run is not recorded in the history"));
  EXPECT_THAT(result.out, HasSubstr("artifacts: artifacts/"));
  EXPECT_THAT(aisp({"bench", "summary", "--json"}).json(), SizeIs(1));
}

TEST_F(CliHistory, AQuestionMakesNoFolder) {
  EXPECT_THAT(aisp({"bench", "summary"}).out, HasSubstr("no runs"));
  EXPECT_THAT(aisp({"bench", "history"}).out, HasSubstr("no runs"));
  expect_refused({"bench", "history", "--rebuild"}, {"no folder artifacts"});
  EXPECT_FALSE(std::filesystem::exists(home()));
}

TEST_F(CliHistory, ComparedRunsSayWhoseChangeItWas) {
  const auto before = run(1e-3);
  const auto after = run(1.5e-3);
  const auto result = aisp({"bench", "compare-runs", before, after});
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.out, HasSubstr("speedup 2.00× → 1.33×, -33.3 %"));
  const auto report = aisp({"bench", "report", after, "--format", "html"});
  EXPECT_THAT(report.out, HasSubstr("<!DOCTYPE html>"));
  EXPECT_THAT(report.out, Not(HasSubstr("<script")));
}

TEST_F(CliHistory, ReportDrawsPicturesOrSaysWhyNot) {
  run();
  write("taken", "");
  expect_refused({"bench", "report", "--plots", "taken"}, {"--plots", "taken", "not a folder"});
  expect_refused({"bench", "report", "--plots", "pictures"}, {"gnuplot"}, {{"PATH", (folder_ / "empty").string()}});
  if (!std::filesystem::exists("/usr/bin/gnuplot")) GTEST_SKIP() << "no gnuplot here";
  const auto j = aisp({"bench", "report", "--plots", "pictures", "--json"}).json();
  ASSERT_THAT(j.at("plots"), SizeIs(4));  // speedups and samples, SVG and PNG; no roofline without a cost
  for (const auto& file : j.at("plots")) {
    std::ifstream in(folder_ / file.get<std::string>());
    const std::string picture{std::istreambuf_iterator<char>(in), {}};
    EXPECT_THAT(picture, HasSubstr(file.get<std::string>().ends_with(".svg") ? "</svg>" : "IEND")) << file;
  }
}

}  // namespace
}  // namespace aisp::test
