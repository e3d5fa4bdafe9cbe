// aisp triage: the archive holds what helps, and no secret that lay around when it was made.
#include "cli_process.hpp"

namespace aisp::test {
namespace {
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsSupersetOf;
using ::testing::Not;

class CliTriage : public CliTest {
 protected:
  // Unpacks the only archive of the folder; returns the text of every file in it by its name.
  std::map<std::string, std::string> unpacked() const {
    std::vector<std::filesystem::path> archives;
    for (const auto& entry : std::filesystem::directory_iterator(folder_))
      if (entry.path().string().ends_with(".tar.gz")) archives.push_back(entry.path());
    if (archives.size() != 1) throw std::runtime_error("not one archive");
    const auto out = folder_ / "unpacked";
    std::filesystem::create_directory(out);
    EXPECT_EQ(std::system(("tar -xzf '" + archives[0].string() + "' -C '" + out.string() + "'").c_str()), 0);
    std::map<std::string, std::string> files;
    const auto top = *std::filesystem::directory_iterator(out);
    for (const auto& entry : std::filesystem::recursive_directory_iterator(top)) {
      if (!entry.is_regular_file()) continue;
      std::ifstream in(entry.path());
      std::ostringstream text;
      text << in.rdbuf();
      files[std::filesystem::relative(entry.path(), top).string()] = text.str();
    }
    return files;
  }
  static std::string all(const std::map<std::string, std::string>& files) {
    std::string text;
    for (const auto& [name, content] : files) text += name + content;
    return text;
  }
};

TEST_F(CliTriage, TellsTheMachineTheCommandAndAsksForTheGoal) {
  const auto result = aisp({"triage", "--json", "--", "sh", "-c", "echo to-stdout; echo to-stderr >&2; exit 3"},
                           {{"OMP_NUM_THREADS", "2"}});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(result.json().at("ending"), "exit status 3");
  const auto files = unpacked();
  EXPECT_THAT(files.at("output.txt"), HasSubstr("to-stdout"));
  EXPECT_THAT(files.at("output.txt"), HasSubstr("to-stderr"));
  const auto capture = nlohmann::json::parse(files.at("capture.json"));
  EXPECT_EQ(capture.at("exit_code"), 3);
  EXPECT_GT(capture.at("wall_seconds"), 0);
  EXPECT_GT(capture.at("peak_rss_bytes"), 0);
  const auto system = nlohmann::json::parse(files.at("system.json"));
  EXPECT_FALSE(system.at("host").at("kernel").get<std::string>().empty());
  EXPECT_THAT(files.at("environment.txt"), HasSubstr("OMP_NUM_THREADS=2\n"));
  EXPECT_THAT(files.at("intake.md"), HasSubstr("Service level"));
  EXPECT_NO_THROW(nlohmann::json::parse(files.at("settings.json")));
}

TEST_F(CliTriage, HoldsNoSecret) {
  const auto run = aisp({"bench", "run", "--targets", "ch09:softmax", "--pairs", "6", "--restarts", "1"});
  ASSERT_TRUE(std::filesystem::exists(folder_ / "artifacts")) << run.err;
  std::filesystem::create_directories(folder_ / "artifacts/.secrets");
  std::ofstream(folder_ / "artifacts/.secrets/20261121T054500Z-1a2b") << "SESAME-of-a-run";
  const auto result =
      aisp({"triage", "--", "sh", "-c",
            "echo $HF_TOKEN; echo url https://bob:SESAME-url@host/; echo api_key=SESAME-key; env; echo $0 \"$@\"",
            "name", "--password", "SESAME-argument"},
           {{"HF_TOKEN", "SESAME-environment"},
            {"CUDA_NOTE", "https://SESAME-user@host"},
            {"WHATEVER", "SESAME-environment again"},
            {"NCCL_X", "SESAME-environment"}});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  const auto files = unpacked();
  EXPECT_THAT(all(files), Not(HasSubstr("SESAME-")));
  EXPECT_THAT(result.err + result.out, Not(HasSubstr("SESAME-")));
  EXPECT_THAT(files.at("output.txt"), HasSubstr("https://[redacted]@host/"));
  EXPECT_THAT(files.at("run/manifest.json"), HasSubstr("ch09:softmax"));
  EXPECT_NO_THROW(nlohmann::json::parse(files.at("run/manifest.json")));
  EXPECT_THAT(files.at("run/report.md"), HasSubstr("ch09:softmax"));
}

TEST_F(CliTriage, ACommandThatHangsOrTalksWithoutEndIsStopped) {
  const auto begin = std::chrono::steady_clock::now();
  const auto result = aisp({"triage", "--seconds", "1", "--", "sh", "-c", "yes | cat & sleep 100"});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(20));
  EXPECT_THAT(result.err, HasSubstr("stopped after 1 s"));
  const auto files = unpacked();
  EXPECT_LT(files.at("output.txt").size(), 70'000u);
  EXPECT_EQ(nlohmann::json::parse(files.at("capture.json")).at("exit_code"), -1);
}

TEST_F(CliTriage, CtrlCLeavesNothingBehind) {
  std::filesystem::create_directory(folder_ / "scratch");
  const auto before = files();
  Process process({{"triage", "--", "sleep", "60"}, {{"TMPDIR", (folder_ / "scratch").string()}}}, folder_);
  ASSERT_TRUE(process.wait_for("running: sleep"));
  process.send(SIGINT);
  const auto result = process.wait();
  EXPECT_EQ(result.exit_code, 6);
  EXPECT_THAT(result.err, HasSubstr("interrupted; nothing was written"));
  EXPECT_EQ(files(), before);
}

TEST_F(CliTriage, BadInputIsRefused) {
  expect_refused({"triage", "-o", "x.zip"}, {".tar.gz"});
  expect_refused({"triage", "-o", "nowhere/x.tar.gz"}, {"folder", "nowhere"});
  expect_refused({"triage", "--seconds", "0"}, {"--seconds"});
  expect_refused({"triage", "--seconds", "nan"}, {"--seconds"});
  std::ofstream(folder_ / "x.tar.gz") << "mine";
  expect_refused({"triage", "-o", "x.tar.gz"}, {"there already"});
  const auto absent = aisp({"triage", "--", "./no-such-program"});
  EXPECT_EQ(absent.exit_code, 2);
  EXPECT_THAT(absent.err, HasSubstr("could not be started: No such file"));
}

}  // namespace
}  // namespace aisp::test
