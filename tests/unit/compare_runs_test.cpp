// Changes between runs are called only when the samples say so, and a broken variant is a regression whatever its time.
#include "analysis/compare_runs.hpp"

#include "analysis/table.hpp"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>
#include <sstream>

namespace aisp::analysis {
namespace {
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

model::VariantEvidence variant(const std::string& name, double seconds, int samples = 21, double spread = 0.01) {
  model::VariantEvidence v;
  v.name = name;
  v.status = model::Status::ok;
  for (int i = 0; i < samples; ++i) {
    model::Sample s;
    s.round = i;
    s.calls = 4;
    s.seconds = 4 * seconds * (1 + spread * (i - samples / 2) / samples);
    v.samples.push_back(s);
  }
  return v;
}

record::RunData run(std::vector<model::VariantEvidence> variants) {
  record::RunData r;
  r.manifest.run = "20261121T054500Z-1a2b";
  model::TargetEvidence e;
  e.target = "ch09:softmax";
  e.scale = "light";
  e.params = {{"rows", 512}};
  e.variants = std::move(variants);
  r.evidence.push_back(e);
  return r;
}

Change change(const record::RunData& a, const record::RunData& b) { return compare_runs(a, b).changes.at(0); }

TEST(CompareRuns, CallsAChangeOnlyBeyondTheIntervalsAndTwoPercent) {
  const auto before = run({variant("online", 1e-3)});
  EXPECT_EQ(change(before, run({variant("online", 1.1e-3)})).kind, ChangeKind::regressed);
  EXPECT_EQ(change(before, run({variant("online", 0.9e-3)})).kind, ChangeKind::improved);
  EXPECT_EQ(change(before, run({variant("online", 1e-3)})).kind, ChangeKind::unchanged);
  // Clearly apart, but only 1.5 %.
  EXPECT_EQ(change(run({variant("online", 1e-3, 101, 0.001)}), run({variant("online", 1.015e-3, 101, 0.001)})).kind,
            ChangeKind::unchanged);
  // 10 % apart, but too noisy to tell.
  EXPECT_EQ(change(run({variant("online", 1e-3, 21, 1)}), run({variant("online", 1.1e-3, 21, 1)})).kind,
            ChangeKind::unchanged);
  EXPECT_NEAR(change(before, run({variant("online", 1.1e-3)})).ratio, 1.1, 1e-9);
}

TEST(CompareRuns, FewSamplesDecideNothing) {
  EXPECT_EQ(change(run({variant("online", 1e-3, 5)}), run({variant("online", 2e-3)})).kind, ChangeKind::unresolved);
  EXPECT_EQ(change(run({variant("online", 1e-3, 0)}), run({variant("online", 2e-3)})).kind, ChangeKind::unresolved);
}

TEST(CompareRuns, NamesWhatIsNewAndGone) {
  const auto c = compare_runs(run({variant("baseline", 1e-3), variant("old", 1e-3)}),
                              run({variant("baseline", 1e-3), variant("new", 1e-3)}));
  EXPECT_EQ(c.changes.at(1).variant, "old");
  EXPECT_EQ(c.changes.at(1).kind, ChangeKind::gone);
  EXPECT_EQ(c.changes.at(2).variant, "new");
  EXPECT_EQ(c.changes.at(2).kind, ChangeKind::added);
  EXPECT_EQ(c.count(ChangeKind::unchanged), 1);
}

TEST(CompareRuns, ABrokenVariantIsARegressionHoweverFast) {
  auto crashed = variant("online", 1e-6);
  crashed.status = model::Status::crashed;
  auto c = change(run({variant("online", 1e-3)}), run({crashed}));
  EXPECT_EQ(c.kind, ChangeKind::regressed);
  EXPECT_EQ(c.why, "ok → crashed");
  auto wrong = variant("online", 1e-6);
  wrong.verification.wrong_calls = 1;
  EXPECT_EQ(change(run({variant("online", 1e-3)}), run({wrong})).kind, ChangeKind::regressed);
  EXPECT_EQ(change(run({wrong}), run({variant("online", 1e-3)})).kind, ChangeKind::improved);
  auto violating = run({variant("online", 1e-6)});
  violating.verdicts.resize(1);
  violating.verdicts[0].target = "ch09:softmax";
  violating.verdicts[0].violations.push_back({"timing.unfinished_work", "online", "", "", ""});
  EXPECT_EQ(change(run({variant("online", 1e-3)}), violating).why, "ok → violation timing.unfinished_work");
}

TEST(CompareRuns, OtherProblemsAreNotCompared) {
  auto other = run({variant("online", 2e-3)});
  other.evidence[0].params[0].value = 1024;
  EXPECT_EQ(change(run({variant("online", 1e-3)}), other).kind, ChangeKind::incomparable);
  other = run({variant("online", 2e-3)});
  other.evidence[0].scale = "full";
  EXPECT_EQ(change(run({variant("online", 1e-3)}), other).why, "scale light → full");
}

TEST(CompareRuns, SaysByPairsWhetherTheMachineMovedOrTheVariant) {
  const auto before = run({variant("baseline", 2e-3), variant("online", 1e-3)});
  const auto machine = compare_runs(before, run({variant("baseline", 4e-3), variant("online", 2e-3)})).changes.at(1);
  EXPECT_EQ(machine.kind, ChangeKind::regressed);
  EXPECT_EQ(machine.why, "speedup 2.00× → 2.00× did not change: the baseline moved as well");
  EXPECT_NEAR(machine.speedup.ratio, 1, 1e-9);

  const auto slower = compare_runs(before, run({variant("baseline", 2e-3), variant("online", 2e-3)})).changes.at(1);
  EXPECT_THAT(slower.why, HasSubstr("speedup 2.00× → 1.00×, -50.0 % ("));
  EXPECT_NEAR(slower.speedup.ratio, 0.5, 1e-9);
  EXPECT_EQ(compare_runs(before, before).changes.at(0).speedup.confidence, 0) << "a baseline has no speedup";
}

TEST(CompareRuns, NoisyPairsTellNothing) {
  // The variant takes 30 % longer; what its speedup did is lost in the noise of the baseline.
  const auto before = run({variant("baseline", 2e-3, 21, 2), variant("online", 1e-3)});
  auto after = run({variant("baseline", 2e-3, 21, 2), variant("online", 1.3e-3)});
  const auto c = compare_runs(before, after).changes.at(1);
  ASSERT_EQ(c.kind, ChangeKind::regressed);
  ASSERT_LT(c.speedup.interval.lo, 1 / 1.3) << "as noisy as meant";
  EXPECT_THAT(c.why, HasSubstr("too noisy to tell"));
  EXPECT_THAT(c.why, Not(HasSubstr("did not change")));
}

TEST(CompareRuns, LinesFitTheTerminal) {
  auto before = run({variant("baseline", 2e-3), variant("online", 1e-3)}), after = before;
  after.evidence[0].variants[1] = variant("online", 2e-3);
  before.manifest.build.flags = "-O2 -g1 -DNDEBUG -march=x86-64-v3 -fno-omit-frame-pointer";
  std::istringstream lines(comparison_text(compare_runs(before, after), 60));
  for (std::string line; std::getline(lines, line);) EXPECT_LE(display_width(line), 60) << line;
}

TEST(CompareRuns, NothingBelowTheFloorOfEitherRunIsCalled) {
  const auto before = run({variant("online", 1e-3)});
  auto after = run({variant("online", 1.05e-3)});
  EXPECT_EQ(change(before, after).kind, ChangeKind::regressed);
  after.evidence[0].aa_floor = 0.08;
  EXPECT_EQ(change(before, after).kind, ChangeKind::unchanged);
}

TEST(CompareRuns, ListsManifestDifferencesThatCouldExplain) {
  auto before = run({}), after = run({});
  before.manifest.host.governor = "performance";
  after.manifest.host.governor = "powersave";
  after.manifest.build.flags = "-O0";
  after.manifest.run = "20261122T000000Z-0000";
  after.manifest.started = "2026-11-22T00:00:00Z";
  const auto c = compare_runs(before, after);
  ASSERT_EQ(c.differences.size(), 2u);
  EXPECT_EQ(c.differences[0].field, "host.governor");
  EXPECT_EQ(c.differences[0].after, "powersave");
  EXPECT_EQ(c.differences[1].field, "build.flags");
  EXPECT_THAT(compare_runs(before, before).differences, IsEmpty());
}

TEST(CompareRuns, OfTwoGpusTheFactIsNamedThatDiffers) {
  auto before = run({}), after = run({});
  before.manifest.gpus.resize(1);
  before.manifest.gpus[0].name = "NVIDIA H200", before.manifest.gpus[0].driver = "580.159.04";
  after.manifest.gpus = before.manifest.gpus;
  after.manifest.gpus[0].driver = "590.1";
  const auto c = compare_runs(before, after);
  ASSERT_EQ(c.differences.size(), 1u);
  EXPECT_EQ(c.differences[0].field, "gpus.0.driver");
  EXPECT_EQ(c.differences[0].after, "590.1");
  after.manifest.gpus.resize(2);
  EXPECT_EQ(compare_runs(before, after).differences.at(0).field, "gpus") << "their number";
}

TEST(CompareRuns, LibrariesAndSettingsAreComparedByName) {
  auto before = run({}), after = run({});
  before.manifest.libraries = {{"glibc", "2.36"}, {"OpenBLAS", "0.3.21"}};
  after.manifest.libraries = {{"glibc", "2.36"}, {"OpenBLAS", "0.3.26"}, {"NCCL", "2.27.3"}};
  before.manifest.system_settings = {{"clocksource", "tsc"}};
  after.manifest.system_settings = {{"clocksource", "hpet"}};
  const auto text = comparison_text(compare_runs(before, after), 160);
  EXPECT_THAT(text, HasSubstr("libraries.OpenBLAS: 0.3.21 → 0.3.26"));
  EXPECT_THAT(text, HasSubstr("libraries.NCCL: – → 2.27.3"));
  EXPECT_THAT(text, HasSubstr("system_settings.clocksource: tsc → hpet"));
  EXPECT_THAT(text, Not(HasSubstr("glibc")));
}

TEST(CompareRuns, TextAndJsonTellTheSame) {
  const auto c = compare_runs(run({variant("baseline", 1e-3), variant("online", 1e-3)}),
                              run({variant("baseline", 1e-3), variant("online", 1.1e-3)}));
  const auto text = comparison_text(c, 160);
  EXPECT_THAT(text, HasSubstr("1 regressed, 1 unchanged"));
  EXPECT_THAT(text, HasSubstr("ch09:softmax online  1.00 ms → 1.10 ms (+10.0 % time)"));
  EXPECT_THAT(text, Not(HasSubstr("baseline")));
  const auto j = nlohmann::json::parse(to_json(c));
  EXPECT_EQ(j["changes"][1]["kind"], "regressed");
  EXPECT_EQ(j["changes"][0]["kind"], "unchanged");
}

}  // namespace
}  // namespace aisp::analysis
