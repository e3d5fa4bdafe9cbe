// What surrounds a run: settings files, the environment, limits, old kernels, containers, full disks.
#include "cli_process.hpp"
#include "record/run_store.hpp"
#include "refuse_call.hpp"

#include <sched.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include <thread>

namespace aisp::test {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

using Arguments = std::vector<std::string>;

class CliSurroundings : public CliTest {
 protected:
  Result with(const Arguments& arguments, const std::function<void()>& in_child) const {
    return Process({arguments, {}, in_child}, folder_).wait();
  }
  static Arguments verify() { return {"bench", "verify", "--targets", "ch07:reduction", "--device", "cpu"}; }
  void expect_one_line(const Result& result, int exit_code, const char* word) const {
    EXPECT_EQ(result.exit_code, exit_code) << result.err;
    EXPECT_EQ(result.error_lines(), 1) << result.err;
    EXPECT_THAT(result.err, HasSubstr(word));
    EXPECT_EQ(result.out, "");
  }
  static void limit_open_files(rlim_t soft, rlim_t hard) {
    const rlimit limit{soft, hard};
    if (::setrlimit(RLIMIT_NOFILE, &limit) != 0) ::_exit(125);
  }
  // A finished run of one target without a variant.
  std::string saved_run() const {
    model::TargetEvidence e;
    e.target = "ch09:softmax";
    e.scale = "light";
    e.error = "not measured";
    auto run = record::RunStore(folder_ / "artifacts").create(record::Manifest(), std::string(64, 'a'));
    run.save(e);
    run.finish(false, {});
    return run.manifest().run;
  }
};

// ---------------------------------------------------------------------------------------------------- settings files

TEST_F(CliSurroundings, WhatASettingsFileDoesToAMeasurementIsNamed) {
  write("aisp.toml", "[bench.run]\nseed = \"beef\"\nrestarts = 1\npairs = 7\nscale = \"light\"\n[judge]\npairs = 9\n");
  const auto all = aisp({"bench", "run", "--targets", "ch09:softmax", "--dry-run"});
  EXPECT_THAT(all.err, HasSubstr("note: aisp.toml sets seed = beef, restarts = 1, pairs = 7\n"));
  const auto some = aisp({"bench", "run", "--targets", "ch09:softmax", "--dry-run", "--pairs", "8"});
  EXPECT_THAT(some.err, AllOf(HasSubstr("seed = beef, restarts = 1\n"), Not(HasSubstr("pairs"))));
  write("other.toml", "[bench.run]\npairs = 6\n");
  EXPECT_THAT(aisp({"bench", "run", "--targets", "ch09:softmax", "--dry-run", "--config", "other.toml"}).err,
              HasSubstr("note: other.toml sets pairs = 6\n"));
  EXPECT_EQ(aisp({"bench", "list-chapters"}).err, "");
}

TEST_F(CliSurroundings, AGivenSeedIsNotPublishable) {
  const auto result = aisp(short_run({"--seed", "beef", "--allow-virtualization", "--json"}));
  const auto j = result.json();
  EXPECT_EQ(j.at("publishable"), false);
  EXPECT_THAT(j.at("unpublishable_reasons").dump(), HasSubstr("the seed was given"));
  // The flag takes a virtual machine off every list.
  EXPECT_THAT(j.dump(), Not(HasSubstr("virtual machine")));
  for (const auto& v : j.at("targets").at(0).at("variants")) {
    EXPECT_GT(v.at("timed_calls"), 0) << v.dump();
    EXPECT_EQ(v.at("timed_calls"), v.at("verified_calls"));
  }
  const auto audit = aisp({"bench", "audit"});
  EXPECT_EQ(audit.exit_code, result.exit_code) << audit.out;
  EXPECT_EQ(audit.out.find("clean") == std::string::npos, audit.exit_code != 0) << audit.out;
}

TEST_F(CliSurroundings, AuditFailsOnWhatWasSavedOtherwise) {
  aisp(short_run());
  for (const auto& file : files()) {
    if (!file.ends_with(".verdict.json")) continue;
    std::ifstream in(file);
    auto verdict = nlohmann::json::parse(in);
    verdict.at("variants").at(1).at("speedup") = 99.0;
    std::ofstream(file) << verdict.dump();
  }
  const auto audit = aisp({"bench", "audit"});
  EXPECT_TRUE(audit.exit_code == 4 || audit.exit_code == 6) << audit.exit_code;
  EXPECT_THAT(audit.out, AllOf(HasSubstr("99.000x"), Not(HasSubstr("clean"))));
}

TEST_F(CliSurroundings, AuditIsNotCleanWhereTheVerdictIsNot) {
  saved_run();
  const auto audit = aisp({"bench", "audit"});
  EXPECT_EQ(audit.exit_code, 6);
  EXPECT_THAT(audit.out, Not(HasSubstr("clean")));
}

// -------------------------------------------------------------------------------------------------------- environment

TEST_F(CliSurroundings, VariablesOfHwlocAreNotBelieved) {
  const auto plain = aisp({"system", "info", "--json"});
  for (const char* name : {"HWLOC_SYNTHETIC", "HWLOC_XMLFILE", "HWLOC_FSROOT", "HWLOC_COMPONENTS"}) {
    const auto told = aisp({"system", "info", "--json"}, {{name, "pack:4 core:16 pu:2"}});
    EXPECT_EQ(told.exit_code, 0) << told.err;
    for (const char* field : {"packages", "cores", "logical", "caches"})
      EXPECT_EQ(told.json().at(field), plain.json().at(field)) << name;
    EXPECT_THAT(told.err, HasSubstr(std::string("note: ") + name + " is ignored"));
  }
  EXPECT_EQ(plain.err, "");
}

TEST_F(CliSurroundings, ARelativeScratchFolderIsOne) {
  std::filesystem::create_directory(folder_ / "scratch");
  const auto result = aisp(verify(), {{"TMPDIR", "scratch"}});
  EXPECT_EQ(result.exit_code, 0) << result.err << result.out;
  EXPECT_TRUE(std::filesystem::is_empty(folder_ / "scratch")) << "it is removed at the end";
}

TEST_F(CliSurroundings, AScratchFolderThatCannotServeIsRefused) {
  expect_refused(verify(), {"TMPDIR", "absent"}, {{"TMPDIR", (folder_ / "absent").string()}});
  auto deep = folder_;
  for (int i = 0; i < 4; ++i) deep /= std::string(100, 'x');
  std::filesystem::create_directories(deep);
  expect_refused(verify(), {"TMPDIR", "300"}, {{"TMPDIR", deep.string()}});
}

TEST_F(CliSurroundings, ALowLimitOfOpenFilesIsRaisedOrNamed) {
  const auto raised = with(verify(), [] { limit_open_files(64, 4096); });
  EXPECT_EQ(raised.exit_code, 0) << raised.err << raised.out;
  expect_one_line(with(verify(), [] { limit_open_files(64, 64); }), 2, "open files");
}

TEST_F(CliSurroundings, ASystemWithoutPidfdOpenIsNamed) {
  expect_one_line(with(verify(), [] { refuse_call("pidfd_open", ENOSYS); }), 6, "pidfd_open");
}

// A judge that dies early takes its workers with it, whatever they were about to do.
TEST_F(CliSurroundings, NoWorkerOutlivesItsJudge) {
  ASSERT_EQ(::prctl(PR_SET_CHILD_SUBREAPER, 1), 0);  // orphans come to this process
  const auto plugin = (build_folder() / "lib/aisp/variants/ch09.so").string();
  for (int delay = 0; delay < 60; delay += 2) {
    {
      const Process judge({{"judge", plugin, "--workload", "ch09:softmax", "--variant", "online"}}, folder_);
      std::this_thread::sleep_for(std::chrono::milliseconds(4 * delay));
    }  // killed
    int alive = 1;
    for (int wait = 0; wait < 300 && alive; ++wait) {
      while (::waitpid(-1, nullptr, WNOHANG) > 0) {
      }
      alive = ::waitpid(-1, nullptr, WNOHANG) == 0;
      if (alive) std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    ASSERT_FALSE(alive) << "after " << 4 * delay << " ms";
  }
  ::prctl(PR_SET_CHILD_SUBREAPER, 0);
}

// -------------------------------------------------------------------------------------------------------------- files

TEST_F(CliSurroundings, AHistoryBelowALinkIsUsed) {
  std::filesystem::create_directory(folder_ / "elsewhere");
  std::filesystem::create_directory_symlink("elsewhere", folder_ / "artifacts");
  saved_run();
  const auto history = aisp({"bench", "history"});
  EXPECT_EQ(history.exit_code, 0);
  EXPECT_EQ(history.err, "");
  EXPECT_TRUE(std::filesystem::exists(folder_ / "elsewhere" / "history.db")) << ::testing::PrintToString(files());
  EXPECT_EQ(aisp({"bench", "history", "--rebuild"}).exit_code, 0);
}

TEST_F(CliSurroundings, AFileSystemWithoutLocksHoldsNobody) {
  const auto id = saved_run();
  const auto clean = with({"clean", "--json"}, [] { refuse_call("flock", ENOLCK); });
  ASSERT_EQ(clean.exit_code, 0) << clean.err;
  EXPECT_EQ(clean.json().at("runs"), nlohmann::json({id}));
  // Whether an unfinished one is still being written cannot be known there: it stays.
  model::TargetEvidence e;
  const auto running = record::RunStore(folder_ / "artifacts").create(record::Manifest(), std::string(64, 'a'));
  const auto kept = with({"clean", "--json"}, [] { refuse_call("flock", ENOLCK); });
  EXPECT_THAT(kept.json().at("runs"), IsEmpty());
  EXPECT_TRUE(std::filesystem::exists(running.path()));
}

TEST_F(CliSurroundings, ADiskThatFillsUpNamesHowToGoOn) {
  const auto home = folder_ / "small";
  std::filesystem::create_directory(home);
  Command command{short_run({"--artifacts-dir", home.string()})};
  command.in_child = [&] {  // room for the manifest and not for the evidence
    if (::unshare(::geteuid() == 0 ? CLONE_NEWNS : CLONE_NEWUSER | CLONE_NEWNS) != 0 ||
        ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 ||
        ::mount("tmpfs", home.c_str(), "tmpfs", 0, "size=48k") != 0)
      ::_exit(125);
  };
  const auto result = Process(command, folder_).wait();
  if (result.exit_code == 125) GTEST_SKIP() << "mounting is not allowed here";
  EXPECT_EQ(result.exit_code, 6) << result.err;
  EXPECT_THAT(result.err, AllOf(HasSubstr("No space left on device"), HasSubstr("aisp bench run --resume 2")));
}

// ------------------------------------------------------------------------------------------------------ control groups

// A group of version 1 beside version 2, which is where the cpu controller lies on hybrid systems.
class CpuGroup {
 public:
  CpuGroup() : folder_("/sys/fs/cgroup/cpu/aisp-test-" + std::to_string(::getpid())) {
    std::error_code error;
    made_ = std::filesystem::exists("/sys/fs/cgroup/cpu/cpu.cfs_quota_us", error) &&
            std::filesystem::create_directory(folder_, error);
    if (made_) std::ofstream(folder_ / "cpu.cfs_period_us") << 100'000;
    if (made_) std::ofstream(folder_ / "cpu.cfs_quota_us") << 20'000;
  }
  ~CpuGroup() {
    if (made_) ::rmdir(folder_.c_str());
  }
  CpuGroup(const CpuGroup&) = delete;
  CpuGroup& operator=(const CpuGroup&) = delete;
  bool made() const { return made_; }
  void enter() const { std::ofstream(folder_ / "cgroup.procs") << ::getpid() << std::flush; }

 private:
  std::filesystem::path folder_;
  bool made_ = false;
};

TEST_F(CliSurroundings, AQuotaOfTheOlderControlGroupsCounts) {
  const CpuGroup group;
  if (!group.made()) GTEST_SKIP() << "no control groups of version 1 that this user may make";
  const auto info = with({"system", "info", "--json"}, [&] { group.enter(); });
  ASSERT_EQ(info.exit_code, 0) << info.err;
  EXPECT_DOUBLE_EQ(info.json().at("cgroup_cpu_limit"), 0.2);

  Command run{{"bench", "run", "--targets", "ch06:add", "--pairs", "6", "--restarts", "1"}};
  run.in_child = [&] { group.enter(); };
  run.deadline = std::chrono::seconds(180);
  EXPECT_NE(Process(run, folder_).wait().exit_code, -1);
  ASSERT_THAT(files(), testing::Contains(testing::EndsWith(".evidence.json")));
  for (const auto& file : files()) {
    if (!file.ends_with(".evidence.json")) continue;
    std::ifstream in(file);
    const auto evidence = nlohmann::json::parse(in);
    EXPECT_GT(evidence.at("after").at("throttled_seconds"), 0);
    for (const auto& v : evidence.at("variants"))  // some ask for as many threads as there are
      EXPECT_EQ(v.at("threads"), 1) << v.at("name");
  }
}

}  // namespace
}  // namespace aisp::test
