// Expectations: files come back as they were written and damaged ones are refused by name; a run regresses only beyond
// the intervals and what identical code differs by; and only what is sure to be better changes what is expected.
#include "analysis/expectations.hpp"
#include "../json_schema.hpp"
#include "record/calibration.hpp"
#include "record/file.hpp"
#include "record/json.hpp"
#include "record/store_error.hpp"

#include <gmock/gmock.h>
#include <unistd.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <functional>
#include <nlohmann/json.hpp>

namespace aisp::analysis {
namespace {
namespace fs = std::filesystem;
using nlohmann::json;
using record::Expectation;
using record::Expectations;
using record::StoreError;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr const char* kTarget = "ch09:softmax";

model::VariantVerdict judged(const std::string& name, double speedup, double half_width = 0.05) {
  model::VariantVerdict v;
  v.name = name;
  v.correct = true;
  v.median_seconds = name == "baseline" ? 1e-3 : 1e-3 / speedup;
  v.median_interval = {0.99 * v.median_seconds, 1.01 * v.median_seconds};
  if (name == "baseline") return v;
  v.speedup = speedup;
  v.speedup_interval = {speedup - half_width, speedup + half_width};
  v.confidence = 0.95;
  v.pairs = 60;
  v.word = model::Word::fast;
  return v;
}

// A finished run of one target on an H200.
record::RunData run(std::vector<model::VariantVerdict> variants, double aa_floor = 0, const char* target = kTarget) {
  record::RunData r;
  r.manifest.run = "20261121T054500Z-1a2b";
  r.manifest.started = "2026-11-21T05:45:00Z";
  r.manifest.seed = std::string(64, 'a');
  r.manifest.host.model = "AMD EPYC 9575F";
  r.manifest.host.logical = 16;
  r.manifest.gpus.resize(1);
  r.manifest.gpus[0].name = "NVIDIA H200";
  r.manifest.gpus[0].driver = "580.95.05";
  r.manifest.gpus[0].memory_bytes = 150'000'000'000;
  r.manifest.build.cuda = "13.0";
  r.manifest.build.cuda_arch = "90a";
  model::TargetEvidence e;
  e.target = target;
  e.device = "cuda";
  e.scale = "light";
  e.params = {{"rows", 512}};
  e.aa_floor = aa_floor;
  for (const auto& v : variants) {
    model::VariantEvidence evidence;
    evidence.name = v.name;
    evidence.peer = v.name == "cublas";
    e.variants.push_back(evidence);
  }
  r.evidence.push_back(e);
  model::TargetVerdict verdict;
  verdict.target = target;
  verdict.variants = std::move(variants);
  r.verdicts.push_back(verdict);
  return r;
}

Expectation expected(const record::RunData& r) { return expectation_of(r.evidence[0], r.verdicts[0], r.manifest); }

std::vector<Met> met(const record::RunData& before, const record::RunData& now) {
  const auto e = expected(before);
  return compare(&e, now.evidence[0], now.verdicts[0]);
}

// How a speedup of 2 ± 0.05 is met by another.
Met met(double speedup, double half_width = 0.05, double floor_then = 0, double floor_now = 0) {
  return met(run({judged("baseline", 0), judged("online", 2)}, floor_then),
             run({judged("baseline", 0), judged("online", speedup, half_width)}, floor_now))
      .at(1);
}

// --------------------------------------------------------------------------------------------------- comparison

TEST(Compare, IntervalsThatTouchAreAsExpected) {
  EXPECT_EQ(met(2).outcome, Outcome::ok);
  EXPECT_EQ(met(1.90).outcome, Outcome::ok);  // 1.85 … 1.95 reaches the expected 1.95
  EXPECT_EQ(met(2.10).outcome, Outcome::ok);
  EXPECT_EQ(met(1.5, 0.6).outcome, Outcome::ok);  // too wide to tell
}

TEST(Compare, LessThanHalfAPercentApartIsAsExpected) {
  EXPECT_EQ(met(1.891).outcome, Outcome::ok);         // up to 1.941: 0.46 % below 1.95
  EXPECT_EQ(met(1.889).outcome, Outcome::regressed);  // up to 1.939: 0.57 % below
  EXPECT_EQ(met(2.109).outcome, Outcome::ok);         // from 2.059: 0.44 % above 2.05
  EXPECT_EQ(met(2.112).outcome, Outcome::improved);   // from 2.062: 0.59 % above
}

TEST(Compare, TheFloorOfEitherRunHasToBeExceeded) {
  // 1.75 … 1.85 is 5.4 % below 1.95.
  EXPECT_EQ(met(1.8).outcome, Outcome::regressed);
  EXPECT_EQ(met(1.8, 0.05, 0.06, 0).outcome, Outcome::ok);
  EXPECT_EQ(met(1.8, 0.05, 0, 0.06).outcome, Outcome::ok);
  EXPECT_EQ(met(1.8, 0.05, 0.05, 0.05).outcome, Outcome::regressed);
  EXPECT_EQ(met(2.2, 0.05, 0, 0.06).outcome, Outcome::ok);  // 4.9 % above
  EXPECT_EQ(met(2.2).outcome, Outcome::improved);
}

TEST(Compare, WhatNoLongerWorksHasRegressedHoweverFast) {
  const auto before = run({judged("baseline", 0), judged("online", 2)});
  auto wrong = run({judged("baseline", 0), judged("online", 9)});
  wrong.verdicts[0].variants[1].correct = false;
  wrong.verdicts[0].variants[1].why = "wrong output in 1 of 60 calls";
  EXPECT_EQ(met(before, wrong).at(1).outcome, Outcome::regressed);
  EXPECT_EQ(met(before, wrong).at(1).why, "wrong output in 1 of 60 calls");
  auto violating = run({judged("baseline", 0), judged("online", 9)});
  violating.verdicts[0].violations.push_back({"timing.unfinished_work", "online", "", "", ""});
  EXPECT_EQ(met(before, violating).at(1).why, "violation: timing.unfinished_work");
  auto failed = run({});
  failed.evidence[0].error = "out of memory";
  failed.evidence[0].params.clear();
  EXPECT_EQ(met(before, failed).at(1).outcome, Outcome::regressed);
  EXPECT_EQ(met(before, failed).at(1).why, "out of memory");
}

TEST(Compare, WithoutAnIntervalNothingIsSaid) {
  auto now = run({judged("baseline", 0), judged("online", 1)});
  now.verdicts[0].variants[1].confidence = 0;
  now.verdicts[0].variants[1].why = "5 pairs; an interval needs 6";
  const auto m = met(run({judged("baseline", 0), judged("online", 2)}), now).at(1);
  EXPECT_EQ(m.outcome, Outcome::unresolved);
  EXPECT_EQ(m.why, "5 pairs; an interval needs 6");
}

TEST(Compare, NamesWhatIsNewAndWhatIsMissing) {
  const auto all = met(run({judged("baseline", 0), judged("old", 2)}), run({judged("baseline", 0), judged("new", 2)}));
  ASSERT_EQ(all.size(), 3u);
  EXPECT_EQ(all[0].outcome, Outcome::ok);
  EXPECT_EQ(all[1].outcome, Outcome::added);
  EXPECT_EQ(all[2].variant, "old");
  EXPECT_EQ(all[2].outcome, Outcome::missing);
  const auto now = run({judged("baseline", 0)});
  EXPECT_EQ(compare(nullptr, now.evidence[0], now.verdicts[0]).at(0).outcome, Outcome::added);
}

TEST(Compare, OtherSizesAreAnotherProblem) {
  auto now = run({judged("baseline", 0), judged("online", 1)});
  now.evidence[0].params[0].value = 1024;
  const auto all = met(run({judged("baseline", 0), judged("online", 2)}), now);
  EXPECT_EQ(all.at(1).outcome, Outcome::added);
  EXPECT_EQ(all.at(1).why, "expected at other sizes");
}

TEST(Compare, SaysWhenItIsTheBaselineThatChanged) {
  const auto before = run({judged("baseline", 0), judged("online", 2)});
  auto now = run({judged("baseline", 0), judged("online", 1)});  // takes 1 ms instead of 0.5
  EXPECT_EQ(met(before, now).at(1).why, "");
  now.verdicts[0].variants[1].median_interval = {0.49e-3, 0.51e-3};
  EXPECT_THAT(met(before, now).at(1).why, HasSubstr("the baseline became faster"));
  now = run({judged("baseline", 0), judged("online", 4)});
  EXPECT_EQ(met(before, now).at(1).why, "");
  now.verdicts[0].variants[1].median_interval = {0.49e-3, 0.51e-3};
  EXPECT_THAT(met(before, now).at(1).why, HasSubstr("the baseline became slower"));
}

TEST(HardwareKey, IsTheTablesNameOrElseTheDrivers) {
  auto m = run({}).manifest;
  EXPECT_EQ(hardware_key(m, "cuda"), "h200");
  EXPECT_EQ(hardware_key(m, "cpu"), record::host_key(m.host));
  m.gpus[0].mig = "on";  // a slice is other hardware
  EXPECT_EQ(hardware_key(m, "cuda"), "nvidia-h200-150gb-mig");
  m.gpus[0].mig = "off";
  m.gpus[0].name = "NVIDIA GeForce RTX 4090";
  EXPECT_EQ(hardware_key(m, "cuda"), "rtx-4090");
  m.gpus[0].name = "NVIDIA X1";
  EXPECT_EQ(hardware_key(m, "cuda"), "nvidia-x1-150gb");
  m.gpus.clear();
  EXPECT_TRUE(record::is_hardware_key(hardware_key(m, "cuda")));
  for (const auto& spec : gpu_specs()) EXPECT_TRUE(record::is_hardware_key(hardware_key(spec))) << spec.name;
}

// ------------------------------------------------------------------------------------------------------- update

class Updating : public testing::Test {
 protected:
  // What `now` does to the file; the decision about its only target is left in `decided_`.
  bool apply(const record::RunData& now, UpdateRules rules = {}) {
    const auto& e = now.evidence[0];
    decided_ = {.target = e.target,
                .device = e.device,
                .scale = e.scale,
                .hardware = "h200",
                .known = true,
                .variants = compare(file_.find(e.target, e.device, e.scale), e, now.verdicts[0]),
                .why = {}};
    TargetExpectations* const all[] = {&decided_};
    return update(file_, all, now, rules);
  }
  double expected_speedup(const char* target = kTarget) const {
    return file_.find(target, "cuda", "light")->variants.at(1).speedup;
  }
  static record::RunData online(double speedup, const char* target = kTarget) {
    return run({judged("baseline", 0), judged("online", speedup)}, 0, target);
  }

  Expectations file_{.key = "h200", .targets = {}};
  TargetExpectations decided_;
};

TEST_F(Updating, AddsWhatIsNewWithItsProvenance) {
  auto now = online(2);
  now.verdicts[0].unpublishable_reasons = {"busy"};
  now.manifest.host.hypervisor = "kvm";
  EXPECT_TRUE(apply(now));
  EXPECT_EQ(decided_.update, Update::added);
  EXPECT_FALSE(decided_.failed());
  const auto& p = file_.targets.at(0).provenance;
  EXPECT_EQ(p.hardware, "NVIDIA H200");
  EXPECT_EQ(p.driver, "580.95.05");
  EXPECT_EQ(p.cuda, "13.0");
  EXPECT_EQ(p.cuda_arch, "90a");
  EXPECT_EQ(p.run, now.manifest.run);
  EXPECT_EQ(p.seed, *now.manifest.seed);
  EXPECT_THAT(p.unpublishable_reasons, testing::Contains("busy"));
  EXPECT_THAT(p.unpublishable_reasons, testing::Contains("virtual machine (kvm)"));
  // Another scale is another expectation.
  now.evidence[0].scale = "full";
  EXPECT_TRUE(apply(now));
  EXPECT_EQ(file_.targets.size(), 2u);
}

TEST_F(Updating, KeepsWhatIsAsExpectedAndReplacesWhatIsBetter) {
  apply(online(2));
  EXPECT_FALSE(apply(online(2.01)));
  EXPECT_EQ(decided_.update, Update::unchanged);
  EXPECT_EQ(expected_speedup(), 2);
  EXPECT_TRUE(apply(online(3)));
  EXPECT_EQ(decided_.update, Update::replaced);
  EXPECT_EQ(expected_speedup(), 3);
}

TEST_F(Updating, RefusesARegressionUnlessItIsAccepted) {
  apply(online(2));
  EXPECT_FALSE(apply(online(1)));
  EXPECT_EQ(decided_.update, Update::refused);
  EXPECT_EQ(decided_.why, "online regressed");
  EXPECT_TRUE(decided_.failed());
  EXPECT_EQ(expected_speedup(), 2);
  EXPECT_TRUE(apply(online(1), {.accept_regressions = true}));
  EXPECT_FALSE(decided_.failed());
  EXPECT_EQ(expected_speedup(), 1);
}

TEST_F(Updating, OneRegressionHoldsBackTheTargetsImprovements) {
  apply(run({judged("baseline", 0), judged("a", 2), judged("b", 2)}));
  EXPECT_FALSE(apply(run({judged("baseline", 0), judged("a", 3), judged("b", 1)})));
  EXPECT_EQ(decided_.why, "b regressed");
  EXPECT_EQ(expected_speedup(), 2);
}

TEST_F(Updating, AVariantDoesNotVanishUnnoticed) {
  apply(run({judged("baseline", 0), judged("a", 2), judged("b", 2)}));
  EXPECT_FALSE(apply(run({judged("baseline", 0), judged("a", 3)})));
  EXPECT_EQ(decided_.why, "b is gone");
  EXPECT_TRUE(apply(run({judged("baseline", 0), judged("a", 3)}), {.accept_regressions = true}));
}

TEST_F(Updating, NothingIsClaimedOfAPeer) {
  apply(run({judged("baseline", 0), judged("cublas", 2)}));
  const auto slower = run({judged("baseline", 0), judged("cublas", 1)});
  EXPECT_TRUE(apply(slower));
  EXPECT_EQ(decided_.variants.at(1).outcome, Outcome::regressed);
  EXPECT_FALSE(decided_.failed());
  EXPECT_EQ(expected_speedup(), 1);
}

TEST_F(Updating, WhatIsNotInOrderNeverUpdates) {
  const UpdateRules all{.accept_regressions = true, .mixed_provenance = true};
  const auto refusal = [&](const std::function<void(record::RunData&)>& damage) {
    auto now = online(2);
    damage(now);
    EXPECT_FALSE(apply(now, all));
    EXPECT_EQ(decided_.update, Update::refused);
    EXPECT_TRUE(decided_.failed());
    EXPECT_THAT(file_.targets, IsEmpty());
    return decided_.why;
  };
  EXPECT_EQ(refusal([](auto& r) { r.verdicts[0].variants[0].correct = false; }), "baseline: not verified");
  EXPECT_EQ(refusal([](auto& r) {
              r.verdicts[0].violations.push_back({"x.y", "online", "", "", ""});
            }),
            "online: violation: x.y");
  EXPECT_EQ(refusal([](auto& r) { r.verdicts[0].violations.push_back({"x.y", "", "", "", ""}); }), "violation: x.y");
  EXPECT_EQ(refusal([](auto& r) { r.verdicts[0].exit_code = 6; }), "it could not be run");
  EXPECT_EQ(refusal([](auto& r) { r.verdicts[0].variants[1].confidence = 0; }), "online has no interval: ");
  EXPECT_EQ(refusal([](auto& r) { r.verdicts[0].variants[0].median_seconds = 0; }), "baseline was not timed");
}

TEST_F(Updating, OneFileHoldsOneDriver) {
  const auto newer = [](record::RunData r) {
    r.manifest.gpus[0].driver = "590.1";
    return r;
  };
  apply(online(2, "ch09:a"));
  apply(online(2, "ch09:b"));
  // A better figure with another driver, beside one that stays: refused.
  EXPECT_FALSE(apply(newer(online(3, "ch09:a"))));
  EXPECT_EQ(decided_.update, Update::refused);
  EXPECT_EQ(decided_.why, "the file has ch09:b with driver '580.95.05', not '590.1'");
  EXPECT_EQ(expected_speedup("ch09:a"), 2);
  EXPECT_TRUE(apply(newer(online(3, "ch09:a")), {.mixed_provenance = true}));
  EXPECT_EQ(expected_speedup("ch09:a"), 3);
  // The rest of the targets on the new driver, as expected: the file is whole again.
  EXPECT_TRUE(apply(newer(online(2, "ch09:b"))));
  EXPECT_EQ(decided_.update, Update::replaced);
  for (const auto& e : file_.targets) EXPECT_EQ(e.provenance.driver, "590.1");
}

TEST_F(Updating, CudaAndHardwareCountAsWell) {
  apply(online(2, "ch09:a"));
  auto now = online(2, "ch09:b");
  now.manifest.build.cuda = "13.1";
  EXPECT_FALSE(apply(now));
  EXPECT_THAT(decided_.why, HasSubstr("CUDA '13.0', not '13.1'"));
  now = online(2, "ch09:b");
  now.manifest.gpus[0].name = "NVIDIA H200 NVL";
  EXPECT_FALSE(apply(now));
  EXPECT_THAT(decided_.why, HasSubstr("hardware"));
}

// --------------------------------------------------------------------------------------------------------- text

TargetExpectations met_expectations(const std::vector<Met>& variants) {
  TargetExpectations t;
  t.target = kTarget;
  t.hardware = "h200";
  t.variants.resize(1);
  t.variants[0].variant = "baseline";
  t.variants.insert(t.variants.end(), variants.begin(), variants.end());
  return t;
}

TEST(Text, IsSilentWhereNothingIsExpected) {
  auto t = met_expectations({met(2)});
  EXPECT_EQ(expectations_text({&t, 1}), "");
  t.known = true;
  EXPECT_EQ(expectations_text({&t, 1}), "expectations of h200: 1 as expected\n");
}

TEST(Text, NamesWhatRegressedAndWhatWasRefused) {
  auto t = met_expectations({met(1), met(2)});
  t.update = Update::refused;
  t.why = "online regressed";
  EXPECT_EQ(expectations_text({&t, 1}),
            "expectations of h200: 1 regressed, 1 as expected\n"
            "  regressed   ch09:softmax online  expected 2.00× (1.95–2.05×), got 1.00× (0.95–1.05×)\n"
            "  refused     ch09:softmax: online regressed\n");
  const auto j = json::parse(expectations_json("r", {&t, 1}));
  EXPECT_EQ(j["targets"][0]["update"], "refused");
  EXPECT_EQ(j["targets"][0]["variants"][1]["outcome"], "regressed");
  EXPECT_EQ(j["targets"][0]["variants"][1]["expected_interval"]["hi"], 2.05);
  std::ifstream schema(std::string(AISP_SOURCE_DIR) + "/docs/schema/run_expectations.schema.json");
  EXPECT_EQ(test::schema_violation(json::parse(schema), j), "");
}

// -------------------------------------------------------------------------------------------------------- files

class Files : public testing::Test {
 protected:
  Files() : folder_(fs::temp_directory_path() / ("aisp-expectations-" + std::to_string(::getpid()))) {}
  ~Files() override { fs::remove_all(folder_); }

  static Expectations two_targets() {
    return {.key = "h200",
            .targets = {expected(run({judged("baseline", 0), judged("online", 2)}, 0.01, "ch09:softmax")),
                        expected(run({judged("baseline", 0), judged("online", 3)}, 0.02, "ch09:rmsnorm"))}};
  }
  // What is said of a file whose JSON was changed.
  std::string refusal(const std::function<void(json&)>& damage) const {
    auto j = json::parse(record::to_json(two_targets()));
    damage(j);
    record::write_atomically(record::expectations_file(folder_, "h200"), j.dump());
    return refusal();
  }
  std::string refusal() const {
    try {
      record::load_expectations(folder_, "h200");
    } catch (const StoreError& e) {
      EXPECT_THAT(e.what(), HasSubstr("expectations_h200.json: "));
      EXPECT_THAT(e.what(), testing::Not(HasSubstr("\n")));
      return e.what();
    }
    return "(accepted)";
  }

  fs::path folder_;
};

TEST_F(Files, ComeBackInTheOrderOfTheirTargets) {
  EXPECT_EQ(record::load_expectations(folder_, "h200"), std::nullopt);
  EXPECT_THAT(record::expectation_keys(folder_), IsEmpty());
  const auto file = record::save_expectations(folder_, two_targets());
  EXPECT_EQ(file, folder_ / "expectations_h200.json");
  const auto back = record::load_expectations(folder_, "h200").value();
  ASSERT_EQ(back.targets.size(), 2u);
  EXPECT_EQ(back.targets[0].target, "ch09:rmsnorm");
  EXPECT_EQ(back.find("ch09:softmax", "cuda", "light")->variants.at(1).speedup, 2);
  EXPECT_EQ(back.find("ch09:softmax", "cuda", "full"), nullptr);
  const auto text = record::read_whole(file);
  record::save_expectations(folder_, back);
  EXPECT_EQ(record::read_whole(file), text);
  record::write_atomically(folder_ / "expectations_not a key.json", "");
  record::write_atomically(folder_ / "README.md", "");
  EXPECT_THAT(record::expectation_keys(folder_), ElementsAre("h200"));
}

TEST_F(Files, AreNamedByAKeyAlone) {
  for (const char* key : {"", "../h200", "h 200", "h200/x", "h200."})
    EXPECT_THROW(record::expectations_file(folder_, key), StoreError) << key;
}

TEST_F(Files, DamageIsRefusedWithTheField) {
  record::save_expectations(folder_, two_targets());
  EXPECT_THAT(refusal([](json& j) { j["schema"] = 2; }), HasSubstr("schema version 2"));
  EXPECT_THAT(refusal([](json& j) { j["key"] = "h100"; }), HasSubstr("$.key is 'h100'; the file's name says h200"));
  EXPECT_THAT(refusal([](json& j) { j["targets"][0].erase("scale"); }),
              HasSubstr("$.targets[0] lacks the field 'scale'"));
  EXPECT_THAT(refusal([](json& j) { j["targets"][1]["variants"][1]["speedup"] = "fast"; }),
              HasSubstr("$.targets[1].variants[1].speedup is the string 'fast'"));
  EXPECT_THAT(refusal([](json& j) { j["targets"][1]["variants"][1]["speedup"] = "nan"; }),
              HasSubstr("$.targets[1].variants[1].speedup must be a positive number"));
  EXPECT_THAT(refusal([](json& j) { j["targets"][1]["variants"][1]["speedup"] = -1; }), HasSubstr("speedup must be"));
  EXPECT_THAT(refusal([](json& j) { j["targets"][1]["variants"][0]["speedup"] = 2; }), HasSubstr("it is the baseline"));
  EXPECT_THAT(refusal([](json& j) { j["targets"][0]["variants"][1]["speedup_interval"]["lo"] = 9; }),
              HasSubstr("$.targets[0].variants[1].speedup_interval must be two positive numbers, lo ≤ hi"));
  EXPECT_THAT(refusal([](json& j) { j["targets"][0]["variants"][1]["median_seconds"] = 0; }),
              HasSubstr("median_seconds"));
  EXPECT_THAT(refusal([](json& j) { j["targets"][0]["variants"][1]["median_interval"]["hi"] = "inf"; }),
              HasSubstr("median_interval"));
  EXPECT_THAT(refusal([](json& j) { j["targets"][0]["variants"][1]["sol"] = -1; }), HasSubstr(".sol must be"));
  EXPECT_THAT(refusal([](json& j) { j["targets"][0]["aa_floor"] = "nan"; }), HasSubstr("$.targets[0].aa_floor"));
  EXPECT_THAT(refusal([](json& j) { j["targets"][0]["target"] = "../x"; }), HasSubstr("$.targets[0].target is not"));
  EXPECT_THAT(refusal([](json& j) { j["targets"][0]["variants"] = json::array(); }), HasSubstr("variants is empty"));
  EXPECT_THAT(refusal([](json& j) { j["targets"][1] = j["targets"][0]; }), HasSubstr("$.targets[1] is ch09:softmax"));
  EXPECT_EQ(refusal([](json&) {}), "(accepted)");
  record::write_atomically(record::expectations_file(folder_, "h200"), "{");
  EXPECT_THAT(refusal(), HasSubstr("not JSON"));
}

}  // namespace
}  // namespace aisp::analysis
