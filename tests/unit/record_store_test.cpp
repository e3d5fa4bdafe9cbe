// Runs on disk: what is written survives, what is secret stays secret, and nothing else is ever touched.
#include "record/calibration.hpp"
#include "record/file.hpp"
#include "record/json.hpp"
#include "record/run_store.hpp"
#include "record/store_error.hpp"

#include <gmock/gmock.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <functional>

namespace aisp::record {
namespace {
namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

const std::string kSeed(64, 'a'), kTargetSeed(64, 'b');

class Store : public testing::Test {
 protected:
  Store() : home_(fs::temp_directory_path() / ("aisp-store-" + std::to_string(::getpid()))), store_(home_) {}
  ~Store() override { fs::remove_all(home_); }

  static model::TargetEvidence evidence(const std::string& target) {
    model::TargetEvidence e;
    e.target = target;
    e.seed = kTargetSeed;
    e.variants.resize(2);
    return e;
  }
  static model::TargetVerdict verdict(const std::string& target) {
    model::TargetVerdict v;
    v.target = target;
    return v;
  }
  record::Run create() const { return store_.create(Manifest(), kSeed); }
  std::string all_text_below(const fs::path& folder) const {
    std::string text;
    for (const auto& entry : fs::recursive_directory_iterator(folder))
      if (entry.is_regular_file()) text += read_whole(entry.path());
    return text;
  }
  std::string message(const std::function<void()>& act) const {
    try {
      act();
    } catch (const StoreError& e) {
      EXPECT_THAT(e.what(), Not(HasSubstr("\n")));
      return e.what();
    }
    return "(no error)";
  }

  fs::path home_;
  RunStore store_;
};

TEST_F(Store, ARunComesBackInTheOrderOfItsTargets) {
  Manifest m;
  m.settings.targets = {"labs/decode:paged_gqa", "ch09:softmax"};
  auto run = store_.create(m, kSeed);
  for (const char* target : {"ch09:softmax", "labs/decode:paged_gqa"}) {
    run.save(evidence(target));
    run.save(verdict(target));
  }
  run.save_report("# report\n");
  run.finish(false, {"virtual machine"});
  const auto data = store_.load("latest");
  ASSERT_EQ(data.evidence.size(), 2u);
  EXPECT_EQ(data.evidence[0].target, "labs/decode:paged_gqa");
  EXPECT_EQ(data.verdicts[1].target, "ch09:softmax");
  EXPECT_EQ(data.manifest.run, run.manifest().run);
  EXPECT_TRUE(is_run_id(data.manifest.run));
  EXPECT_THAT(data.manifest.unpublishable_reasons, ElementsAre("virtual machine"));
  EXPECT_TRUE(fs::exists(run.path() / "targets/labs.decode_paged_gqa.verdict.json"));
  EXPECT_EQ(read_whole(run.path() / "report.md"), "# report\n");
}

TEST_F(Store, SeedsAreSecretUntilTheRunIsOver) {
  auto run = create();
  run.save(evidence("ch09:softmax"));
  EXPECT_THAT(all_text_below(run.path()), Not(HasSubstr(kSeed)));
  EXPECT_THAT(all_text_below(run.path()), Not(HasSubstr(kTargetSeed)));
  EXPECT_EQ(store_.load("latest").manifest.seed, std::nullopt);
  const auto secret = home_ / ".secrets" / run.manifest().run;
  struct stat facts {};
  ASSERT_EQ(::stat(secret.c_str(), &facts), 0);
  EXPECT_EQ(facts.st_mode & 0777, 0600u);
  ASSERT_EQ(::stat(secret.parent_path().c_str(), &facts), 0);
  EXPECT_EQ(facts.st_mode & 0777, 0700u);

  run.save(verdict("ch09:softmax"));
  run.finish(true, {});
  EXPECT_EQ(store_.load("latest").manifest.seed, kSeed);
  EXPECT_EQ(store_.load("latest").evidence.at(0).seed, kTargetSeed);
  EXPECT_FALSE(fs::exists(secret));
}

TEST_F(Store, ResumeKnowsWhatIsComplete) {
  std::string id;
  {
    auto run = create();
    id = run.manifest().run;
    run.save(evidence("ch07:transpose"));
    run.save(verdict("ch07:transpose"));
    run.save(evidence("ch08:threshold"));  // died before its verdict
    auto partial = evidence("ch09:softmax");
    partial.interrupted = true;
    run.save(partial);
    run.save(verdict("ch09:softmax"));
    run.suspend();
  }
  EXPECT_TRUE(store_.load(id).manifest.interrupted);
  auto run = store_.resume(id);
  EXPECT_EQ(run.seed(), kSeed);
  EXPECT_THAT(run.complete(), ElementsAre("ch07:transpose"));
  run.save(evidence("ch09:softmax"));
  EXPECT_EQ(store_.load(id).verdict_of("ch09:softmax"), nullptr);  // the old verdict was on other evidence
  run.save(verdict("ch09:softmax"));
  EXPECT_THAT(run.complete(), ElementsAre("ch07:transpose", "ch09:softmax"));
  run.finish(true, {});
  const auto data = store_.load(id);
  EXPECT_EQ(data.manifest.seed, kSeed);
  EXPECT_EQ(data.evidence_of("ch07:transpose")->seed, kTargetSeed);
  EXPECT_FALSE(data.manifest.interrupted);
  EXPECT_THAT(message([&] { store_.resume(id); }), HasSubstr("still being written"));
}

TEST_F(Store, ResumeRefusesCompleteAndDamagedRuns) {
  std::string id;
  {
    auto run = create();
    id = run.manifest().run;
    run.finish(true, {});
  }
  EXPECT_THAT(message([&] { store_.resume(id); }), HasSubstr("is complete; there is nothing to resume"));
  {
    auto run = create();
    id = run.manifest().run;
  }
  std::ofstream(home_ / ".secrets" / id) << "not hex\n";
  EXPECT_THAT(message([&] { store_.resume(id); }), HasSubstr("is damaged; the run cannot be continued"));
  fs::remove(home_ / ".secrets" / id);
  EXPECT_THAT(message([&] { store_.resume(id); }), HasSubstr("cannot read"));
}

TEST_F(Store, RunsAreFoundByIdPrefixPathAndLatest) {
  for (const char* id : {"20261121T054500Z-1a2b", "20261121T054500Z-1aff", "20261122T000000Z-0000"}) {
    fs::create_directories(home_ / id);
    Manifest m;
    m.run = id;
    std::ofstream(home_ / id / "manifest.json") << to_json(m);
  }
  EXPECT_EQ(store_.find("latest").filename(), "20261122T000000Z-0000");
  EXPECT_EQ(store_.find("20261122").filename(), "20261122T000000Z-0000");
  EXPECT_EQ(store_.find("20261121T054500Z-1a2b").filename(), "20261121T054500Z-1a2b");
  EXPECT_EQ(store_.load((home_ / "20261121T054500Z-1aff/").string()).manifest.run, "20261121T054500Z-1aff");
  EXPECT_THAT(message([&] { store_.find("20261121T054500Z-1a"); }), HasSubstr("fits 2 runs: 20261121T054500Z-1a2b, "));
  EXPECT_THAT(message([&] { store_.find("2025"); }), HasSubstr("no run '2025' in "));
  EXPECT_THAT(message([&] { store_.find("/nonexistent/run"); }), HasSubstr("it has no manifest.json"));
}

TEST_F(Store, MalformedIdsAreRefused) {
  create();
  for (const char* bad :
       {"", "..", ".", ".secrets", "2026*", "20261121T054500Z-1a2b5", "20261121t", "%2e%2e", "latest\n"})
    EXPECT_THAT(message([&] { store_.find(bad); }), HasSubstr("is not a run id")) << bad;
  EXPECT_THAT(message([&] { store_.find("../.."); }), HasSubstr("it has no manifest.json"));
}

TEST_F(Store, TargetsCannotLeaveTheRun) {
  auto run = create();
  for (const char* bad : {"../../x:y", "ch09:../x", "/etc:passwd", "ch09", ""})
    EXPECT_THAT(message([&] { run.save(evidence(bad)); }), HasSubstr("is not a target name")) << bad;
}

TEST_F(Store, AFileThatHoldsAnotherTargetIsRefused) {
  auto run = create();
  std::ofstream(run.path() / "targets/ch09_softmax.evidence.json") << to_json(evidence("ch09:l2norm"));
  EXPECT_THAT(message([&] { store_.load("latest"); }), HasSubstr("holds another target than its name says"));
  std::ofstream(run.path() / "targets/ch09_softmax.evidence.json") << "{";
  EXPECT_THAT(message([&] { store_.load("latest"); }), HasSubstr("ch09_softmax.evidence.json: evidence: not JSON"));
}

TEST_F(Store, AFolderThatCannotBeWrittenIsNamedWithAWayOut) {
  std::ofstream(home_) << "a file, not a folder";
  const auto text = message([&] { create(); });
  EXPECT_THAT(text, HasSubstr("cannot create " + home_.string()));
  EXPECT_THAT(text, HasSubstr("choose another folder with --artifacts-dir"));
  fs::remove(home_);
}

// RLIMIT_FSIZE cuts a write short in the middle, as a full disk does.
TEST_F(Store, AFullDiskDamagesNothingThatWasWritten) {
  auto run = create();
  auto big = evidence("ch09:softmax");
  big.about = "first";
  run.save(big);
  const auto child = ::fork();
  if (child == 0) {
    ::signal(SIGXFSZ, SIG_IGN);
    const rlimit small{4096, 4096};
    ::setrlimit(RLIMIT_FSIZE, &small);
    big.about = std::string(100'000, 'x');
    try {
      run.save(big);
    } catch (const StoreError& e) {
      ::_exit(std::string(e.what()).find("cannot write") != std::string::npos ? 42 : 1);
    }
    ::_exit(0);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  ASSERT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 42);
  EXPECT_EQ(store_.load("latest").evidence.at(0).about, "first");
  for (const auto& entry : fs::recursive_directory_iterator(home_)) EXPECT_NE(entry.path().extension(), ".tmp");
}

TEST_F(Store, CleanRemovesRunsAndNothingElse) {
  { create().finish(true, {}); }
  { create().save(evidence("ch09:softmax")); }
  auto open = create();
  fs::create_directories(home_ / "20261121T054500Z-1a2b");  // an id, but no manifest
  fs::create_directories(home_ / "notes");
  std::ofstream(home_ / "notes/manifest.json") << "{}";
  const auto outside = home_.string() + "-outside";
  fs::create_directories(outside);
  std::ofstream(outside + "/manifest.json") << "precious";
  fs::create_directory_symlink(outside, home_ / "20261121T054500Z-ffff");

  const auto planned = store_.clean(true);
  EXPECT_EQ(planned.runs.size(), 2u);
  EXPECT_EQ(store_.runs().size(), 3u);
  const auto cleaned = store_.clean();
  EXPECT_EQ(cleaned.runs, planned.runs);
  EXPECT_EQ(cleaned.bytes, planned.bytes);
  EXPECT_GT(cleaned.bytes, 1000u);
  EXPECT_THAT(cleaned.in_use, ElementsAre(open.manifest().run));
  EXPECT_THAT(store_.runs(), ElementsAre(open.manifest().run));
  EXPECT_TRUE(fs::exists(home_ / "notes/manifest.json"));
  EXPECT_TRUE(fs::exists(home_ / "20261121T054500Z-1a2b"));
  EXPECT_EQ(read_whole(outside + "/manifest.json"), "precious");
  EXPECT_EQ(std::distance(fs::directory_iterator(home_ / ".secrets"), fs::directory_iterator()), 1);
  fs::remove_all(outside);
}

TEST_F(Store, ReadingRefusesWhatIsNotAPlainFile) {
  fs::create_directories(home_);
  ASSERT_EQ(::mkfifo((home_ / "fifo").c_str(), 0600), 0);
  EXPECT_THAT(message([&] { read_whole(home_ / "fifo"); }), HasSubstr("not a regular file"));
  std::ofstream(home_ / "long") << std::string(100, 'x');
  EXPECT_THAT(message([&] { read_whole(home_ / "long", 99); }), HasSubstr("100 bytes; at most 99"));
}

TEST_F(Store, HomeIsTheFlagThenTheEnvironmentThenArtifacts) {
  ::setenv("AISP_HOME", "/from/environment", 1);
  EXPECT_EQ(RunStore::choose_home("/from/flag"), "/from/flag");
  EXPECT_EQ(RunStore::choose_home(""), "/from/environment");
  ::unsetenv("AISP_HOME");
  EXPECT_EQ(RunStore::choose_home(""), "artifacts");
}

TEST_F(Store, CalibrationIsKeptPerMachine) {
  device::CpuFacts facts;
  facts.model = "AMD EPYC (TM) 9R14 / Zen";
  facts.logical = 2;
  facts.hypervisor = "kvm";
  CalibrationRecord record;
  record.host = host_key(facts);
  record.when = "2026-11-21T05:40:00Z";
  record.aa_floor = 0.0123;
  EXPECT_EQ(record.host, "amd-epyc-tm-9r14-zen-2c-kvm");
  EXPECT_FALSE(load_calibration(home_, record.host).has_value());
  const auto file = save_calibration(home_, record);
  EXPECT_EQ(load_calibration(home_, record.host)->aa_floor, 0.0123);
  EXPECT_EQ(citation(record), "amd-epyc-tm-9r14-zen-2c-kvm of 2026-11-21T05:40:00Z");
  EXPECT_THROW(load_calibration(home_, "../../etc/passwd"), StoreError);
  fs::copy_file(file, home_ / "calibration/other-host.json");
  EXPECT_THAT(message([&] { load_calibration(home_, "other-host"); }), HasSubstr("is of another machine"));
  std::ofstream(file) << "{}";
  EXPECT_THAT(message([&] { load_calibration(home_, record.host); }), HasSubstr("run `aisp calibrate` again"));
}

TEST(ManifestFacts, AreThoseOfThisBuildAndHost) {
  device::CpuFacts host;
  host.hypervisor = "kvm";
  const auto m = describe(host, {}, {});
  EXPECT_FALSE(m.aisp_version.empty());
  EXPECT_FALSE(m.build.compiler_version.empty());
  EXPECT_THAT(m.build.variant_flags, HasSubstr("-O"));
  EXPECT_EQ(m.seed, std::nullopt);
  for (const auto& library : m.libraries) {
    if (library.name == "OpenBLAS") continue;  // may be absent
    EXPECT_THAT(library.version, testing::MatchesRegex("[0-9]+\\.[0-9.]+")) << library.name;
  }
  EXPECT_THAT(m.unpublishable_reasons, testing::Contains("virtual machine (kvm)"));
  RunSettings allowed;
  allowed.allow_virtualization = true;
  EXPECT_THAT(describe(host, {}, allowed).unpublishable_reasons, Not(testing::Contains("virtual machine (kvm)")));
}

TEST(UtcNow, IsIso8601) {
  EXPECT_THAT(utc_now(), testing::MatchesRegex("20[0-9][0-9]-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-6][0-9]Z"));
}

}  // namespace
}  // namespace aisp::record
