// aisp bench run, verify, audit and the reports on what a run saved.
#include "cli_process.hpp"

#include <sched.h>
#include <sys/file.h>
#include <sys/mount.h>

#include <set>
#include <thread>

namespace aisp::test {
namespace {

using ::testing::AnyOf;
using ::testing::Each;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class CliRun : public CliTest {
 protected:
  std::filesystem::path only_run(const std::string& artifacts = "artifacts") const {
    std::vector<std::filesystem::path> runs;
    for (const auto& entry : std::filesystem::directory_iterator(folder_ / artifacts))
      if (std::filesystem::exists(entry.path() / "manifest.json")) runs.push_back(entry.path());
    EXPECT_EQ(runs.size(), 1u);
    return runs.at(0);
  }
  // A run that lasts until it is interrupted.
  static std::vector<std::string> long_run() {
    return {"bench", "run", "--targets", "ch09:softmax", "--pairs", "100000"};
  }
  // The run came to an end; 1: a variant was not FAST, 4: only for the reason of machine_too_busy().
  void expect_judged(const Result& result) const {
    EXPECT_THAT(result.exit_code, AnyOf(0, 1, 4)) << result.err;
    EXPECT_TRUE(result.exit_code != 4 || machine_too_busy()) << result.out;
  }
  static nlohmann::json parsed(const std::filesystem::path& file) {
    std::ifstream in(file);
    return nlohmann::json::parse(in);
  }
};

TEST_F(CliRun, SavesEvidenceAndEndsWithATable) {
  const auto result = aisp(short_run({"--seed", "beef"}));
  expect_judged(result);
  EXPECT_THAT(result.out, HasSubstr("ch09:softmax"));
  EXPECT_THAT(result.out, HasSubstr("artifacts: artifacts/"));
  EXPECT_THAT(result.err, HasSubstr("[1/1] ch09:softmax"));  // plain lines: stderr is no terminal here

  const auto run = only_run();
  const auto manifest = parsed(run / "manifest.json");
  EXPECT_EQ(manifest.at("settings").at("targets"), nlohmann::json({"ch09:softmax"}));
  EXPECT_EQ(manifest.at("settings").at("pairs"), 6);
  EXPECT_EQ(manifest.at("seed"), std::string(60, '0') + "beef");
  EXPECT_TRUE(std::filesystem::exists(run / "report.md"));
  const auto evidence = parsed(run / "targets/ch09_softmax.evidence.json");
  for (const auto& variant : evidence.at("variants")) {
    EXPECT_EQ(variant.at("status"), "ok") << variant.at("message");
    EXPECT_GT(variant.at("timed_calls"), 0);
    EXPECT_EQ(variant.at("timed_calls"), variant.at("verified_timed_calls"));
  }

  // What the saved run says, in every command that reads one.
  const auto summary = aisp({"bench", "summary", "--json"});
  ASSERT_EQ(summary.exit_code, 0) << summary.err;
  ASSERT_THAT(summary.json(), SizeIs(1));
  EXPECT_EQ(summary.json().at(0).at("run"), run.filename().string());
  EXPECT_THAT(aisp({"bench", "summary", "latest"}).out, HasSubstr("ch09:softmax"));
  EXPECT_THAT(aisp({"bench", "summary", "--format", "csv"}).out,
              HasSubstr(run.filename().string() + "," + evidence.at("started").get<std::string>() + ",ch09:softmax,"));
  EXPECT_THAT(aisp({"bench", "summary", "latest", "--format", "md"}).out, HasSubstr("| ch09:softmax |"));
  expect_refused({"bench", "summary", "--format", "cvs"}, {"did you mean csv"});
  expect_refused({"bench", "summary", "--format", "csv", "--json"}, {"--json", "--format"});
  EXPECT_THAT(aisp({"bench", "report"}).out, HasSubstr("ch09:softmax"));
  EXPECT_THAT(aisp({"bench", "report", "latest", "--format", "md", "--json"}).json().at("report").get<std::string>(),
              HasSubstr("ch09:softmax"));

  const auto audit = aisp({"bench", "audit", "--json"});
  EXPECT_EQ(audit.exit_code, result.exit_code) << audit.out;
  EXPECT_THAT(audit.json().at(0).at("findings"), IsEmpty());

  const auto same = aisp({"bench", "compare-runs", "latest", "latest", "--json"});
  EXPECT_EQ(same.exit_code, 0) << same.err;
  EXPECT_NO_THROW(same.json());

  expect_refused({"bench", "run", "--resume", "latest"}, {"complete"});

  const auto clean = aisp({"clean", "--json"});
  EXPECT_EQ(clean.json().at("runs"), nlohmann::json({run.filename().string()}));
  EXPECT_FALSE(std::filesystem::exists(run));
}

// Keys of rounds: drawn by the system, by a seed, or by another run.
TEST_F(CliRun, ASeedAndAReplayGiveTheSameRoundsAgain) {
  const auto keys_of = [&](const std::string& artifacts) {
    return parsed(only_run(artifacts) / "targets/ch09_softmax.evidence.json").at("round_keys");
  };
  const auto run = [&](std::vector<std::string> words, const std::string& artifacts) {
    words.insert(words.end(), {"--artifacts-dir", artifacts});
    const auto result = aisp(words);
    expect_judged(result);
    return keys_of(artifacts);
  };
  const auto timed = [](nlohmann::json keys) {  // pilots come and go with the load of the machine
    std::erase_if(keys.get_ref<nlohmann::json::array_t&>(), [](const auto& k) { return k.at("pilot") == true; });
    return keys;
  };
  const auto one = run(short_run({"--seed", "beef"}), "one"), two = run(short_run({"--seed", "beef"}), "two");
  EXPECT_EQ(timed(one), timed(two));
  ASSERT_EQ(timed(one).size(), 6u) << one.dump();

  const auto fresh = run(short_run({}), "fresh");
  EXPECT_NE(timed(fresh), timed(one));
  std::set<std::string> distinct;
  for (const auto& k : fresh) distinct.insert(k.at("key").get<std::string>());
  EXPECT_EQ(distinct.size(), fresh.size());

  const auto source = only_run("fresh");
  const auto again = run({"bench", "run", "--replay", source.string()}, "again");
  EXPECT_EQ(timed(again), timed(fresh));
  const auto settings = parsed(only_run("again") / "manifest.json").at("settings");
  EXPECT_EQ(settings.at("seed_given"), true);
  EXPECT_EQ(settings.at("replay"), source.string());
  const auto calls = [&](const std::filesystem::path& of) {  // the most of a batch: it differs from round to round
    int most = 0;
    for (const auto& s : parsed(of / "targets/ch09_softmax.evidence.json").at("variants").at(0).at("samples"))
      most = std::max(most, s.at("calls").get<int>());
    return most;
  };
  EXPECT_EQ(calls(only_run("again")), calls(source));

  expect_refused({"bench", "run", "--replay", source.string(), "--seed", "1"}, {"--replay", "--seed"});
  expect_refused({"bench", "run", "--replay", source.string(), "--targets", "ch09:softmax"}, {"--replay", "--targets"});
  expect_refused({"bench", "run", "--replay", ""}, {"--replay"});
  auto manifest = parsed(source / "manifest.json");
  manifest["seed"] = nullptr;
  std::ofstream(source / "manifest.json") << manifest;
  expect_refused({"bench", "run", "--replay", source.string()}, {"--replay", "not over"});
}

TEST_F(CliRun, OtherParametersAreAnotherScale) {
  const auto result = aisp(short_run({"--target-extra-arg", "ch09:softmax=--rows 40 --cols 33"}));
  expect_judged(result);
  const auto evidence = parsed(only_run() / "targets" / "ch09_softmax.evidence.json");
  EXPECT_EQ(evidence.at("scale"), "light cols=33 rows=40");
  for (const auto& p : evidence.at("params")) EXPECT_EQ(p.at("value"), p.at("name") == "rows" ? 40 : 33) << p.dump();
}

TEST_F(CliRun, RanksAreAsManyAsAskedFor) {
  const auto result = aisp({"bench", "run", "--targets", "ch04:gradient_fusion,ch09:softmax", "--ranks", "3",
                            "--launch", "local", "--pairs", "6", "--restarts", "1"});
  expect_judged(result);
  const auto evidence = parsed(only_run() / "targets" / "ch04_gradient_fusion.evidence.json");
  EXPECT_EQ(evidence.at("ranks").at("ranks"), 3);
  EXPECT_EQ(evidence.at("scale"), "light ranks=3");
  for (const auto& v : evidence.at("variants")) {
    EXPECT_EQ(v.at("status"), "ok") << v.at("message");
    ASSERT_EQ(v.at("ranks").size(), 3u);
    for (const auto& r : v.at("ranks")) EXPECT_GT(r.at("bytes_sent"), 0);
  }
  EXPECT_EQ(parsed(only_run() / "targets" / "ch09_softmax.evidence.json").at("ranks").at("ranks"), 0);

  const auto refused = [&](std::vector<std::string> words, const std::vector<std::string>& needles) {
    words.insert(words.begin(), {"bench", "run", "--targets", "ch09:softmax"});
    expect_refused(words, needles);
  };
  refused({"--ranks", "2"}, {"--ranks 2", "no target of this run has ranks"});
  refused({"--launch", "mpi"}, {"--launch mpi is not there yet"});
  refused({"--launch", "slurm"}, {"--launch slurm is not there yet"});
  refused({"--launch", "ssh"}, {"ssh"});
  for (const char* absurd : {"0", "-1", "17", "nan", "inf", "1e9", "2.5", "two", ""}) refused({"--ranks", absurd}, {});
}

TEST_F(CliRun, JsonIsOneDocumentAndFewPairsAreNoted) {
  const auto result = aisp({"bench", "run", "--targets", "ch09:softmax", "--pairs", "2", "--restarts", "1", "--json",
                            "--artifacts-dir", "here"});
  const auto document = result.json();
  EXPECT_EQ(document.at("targets").at(0).at("target"), "ch09:softmax");
  EXPECT_EQ(document.at("exit_code"), result.exit_code);
  EXPECT_EQ(document.at("path"), "here/" + only_run("here").filename().string());
  EXPECT_THAT(result.err, HasSubstr("--pairs 6 or more"));
}

TEST_F(CliRun, StrictNamesTheReasonsAndExitsFive) {
  const auto result = aisp(short_run({"--strict", "--json"}));
  const auto document = result.json();
  if (document.at("publishable").get<bool>()) GTEST_SKIP() << "this machine is fit to publish from";
  EXPECT_THAT(document.at("unpublishable_reasons"), ::testing::Not(IsEmpty()));
  EXPECT_THAT(result.err, HasSubstr("not publishable: "));
  SKIP_WHEN_TOO_BUSY(result);
  EXPECT_EQ(result.exit_code, 5) << result.err;
}

TEST_F(CliRun, InterruptedRunIsResumed) {
  Process process({long_run()}, folder_);
  ASSERT_TRUE(process.wait_for("[1/1]"));
  std::this_thread::sleep_for(std::chrono::milliseconds(500));
  const auto begin = std::chrono::steady_clock::now();
  process.send(SIGINT);
  const auto result = process.wait();
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(5));
  EXPECT_EQ(result.exit_code, 6) << result.err;
  const auto id = only_run().filename().string();
  EXPECT_THAT(result.err, HasSubstr("interrupted; continue with: aisp bench run --resume " + id));
  const auto manifest = parsed(only_run() / "manifest.json");
  EXPECT_TRUE(manifest.at("interrupted").get<bool>());
  EXPECT_FALSE(manifest.contains("seed") && manifest.at("seed").is_string())
      << "the seed is secret until the run is over";

  expect_refused({"bench", "run", "--resume", id, "--scale", "full"}, {"--resume", "--scale"});
  const auto plan = aisp({"bench", "run", "--resume", id, "--dry-run", "--json"});
  EXPECT_EQ(plan.exit_code, 0) << plan.err;
  EXPECT_EQ(plan.json().at(0).at("target"), "ch09:softmax");

  // Continued with the settings that it was started with; stopped again, it stays resumable.
  Process again({{"bench", "run", "--resume", id}}, folder_);
  ASSERT_TRUE(again.wait_for("[1/1]"));
  again.send(SIGTERM);
  EXPECT_EQ(again.wait().exit_code, 6);
  EXPECT_EQ(only_run().filename().string(), id);
}

TEST_F(CliRun, FinishedTargetsSurviveAnInterruption) {
  Process process({{"bench", "run", "--targets", "ch09:softmax,ch08:threshold", "--pairs", "6", "--restarts", "1"}},
                  folder_);
  ASSERT_TRUE(process.wait_for("[2/2]"));
  process.send(SIGINT);
  ASSERT_EQ(process.wait().exit_code, 6);
  const auto targets = only_run() / "targets";
  const std::string first = "ch08_threshold.verdict.json";  // the order of the index
  ASSERT_TRUE(std::filesystem::exists(targets / first));
  const auto written = std::filesystem::last_write_time(targets / first);

  const auto resumed = aisp({"bench", "run", "--resume", "latest"});
  expect_judged(resumed);
  EXPECT_EQ(std::filesystem::last_write_time(targets / first), written);
  EXPECT_THAT(resumed.out, HasSubstr("ch08:threshold"));
  EXPECT_THAT(resumed.out, HasSubstr("ch09:softmax"));
  EXPECT_FALSE(parsed(only_run() / "manifest.json").at("interrupted").get<bool>());
}

TEST_F(CliRun, SecondRunWaitsAndSaysForWhom) {
  Process first({long_run()}, folder_);
  ASSERT_TRUE(first.wait_for("[1/1]"));
  Process second({short_run()}, folder_);
  EXPECT_TRUE(second.wait_for("waiting: the cpu is in use by process "));
  first.send(SIGINT);
  EXPECT_EQ(first.wait().exit_code, 6);
  const auto result = second.wait();
  expect_judged(result);
}

TEST_F(CliRun, VerifyChecksCorrectnessAndKeepsNothing) {
  const auto result = aisp({"bench", "verify", "-t", "ch09:softmax", "--json"});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  const auto document = result.json();
  for (const auto& variant : document.at(0).at("variants")) {
    EXPECT_GT(variant.at("calls"), 0);
    EXPECT_EQ(variant.at("wrong_calls"), 0);
  }
  EXPECT_THAT(files(), IsEmpty());
}

TEST_F(CliRun, DeclarationsAreClean) {
  Command command{{"bench", "audit", "--all", "--json"}};
  command.deadline = std::chrono::minutes(5);  // 20 s of work on a quiet machine
  const auto result = Process(command, folder_).wait();
  EXPECT_EQ(result.exit_code, 0) << result.out;
  for (const auto& target : result.json()) EXPECT_THAT(target.at("findings"), IsEmpty()) << target.at("target");
}

// ---------------------------------------------------------------------------------------------------------------------
// Results folders that cannot be used

TEST_F(CliRun, UnwritableResultsFolderIsOneLine) {
  write("file", "not a folder");
  expect_refused(short_run({"--artifacts-dir", "file"}), {"file", "--artifacts-dir"});
  expect_refused(short_run(), {"/proc/nowhere", "--artifacts-dir"}, {{"AISP_HOME", "/proc/nowhere"}});
}

TEST_F(CliRun, FullResultsFolderIsOneLine) {
  std::filesystem::create_directory(folder_ / "full");
  const std::string full = (folder_ / "full").string();
  Command command{short_run({"--artifacts-dir", full})};
  command.in_child = [&] {  // a file system of one page, in a mount namespace of its own
    if (::unshare(::geteuid() == 0 ? CLONE_NEWNS : CLONE_NEWUSER | CLONE_NEWNS) != 0 ||
        ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 ||
        ::mount("tmpfs", full.c_str(), "tmpfs", 0, "size=4096") != 0)
      ::_exit(125);
  };
  const auto result = Process(command, folder_).wait();
  if (result.exit_code == 125) GTEST_SKIP() << "mounting is not allowed here";
  EXPECT_EQ(result.exit_code, 2) << result.err;
  EXPECT_THAT(result.err, HasSubstr("No space left on device"));
  EXPECT_EQ(result.error_lines(), 1) << result.err;
  EXPECT_EQ(result.out, "");
}

TEST_F(CliRun, CalibrationIsStoredAndCited) {
  const auto result = aisp({"calibrate", "--trials", "2", "--json"});
  // 1: a busy machine measures outside of the bars, and each is named.
  ASSERT_THAT(result.exit_code, AnyOf(0, 1)) << result.err;
  EXPECT_EQ(result.exit_code == 1, result.err.find("outside its bar: ") != std::string::npos) << result.err;
  const auto record = result.json();
  EXPECT_EQ(record.at("aa_trials"), 2);
  EXPECT_THAT(record.at("spin"), SizeIs(6));
  EXPECT_GT(record.at("null_call_seconds"), 0);
  ASSERT_EQ(aisp(short_run({"--json"})).err.find("calibration is not used"), std::string::npos);
  EXPECT_THAT(parsed(only_run() / "manifest.json").at("calibration").get<std::string>(),
              HasSubstr(record.at("when").get<std::string>()));
}

}  // namespace
}  // namespace aisp::test
