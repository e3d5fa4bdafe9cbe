// Nsight Compute and Nsight Systems as aisp runs them, played by scripts on PATH that run what they are given; and
// aisp-replay, which both run, on variants for the CPU.
#include "app/nsight.hpp"

#include "app/programs.hpp"
#include "record/file.hpp"

#include <gmock/gmock.h>
#include <sys/stat.h>

#include <atomic>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <iterator>
#include <thread>

namespace aisp::app {
namespace {
namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::Not;

class Nsight : public testing::Test {
 protected:
  Nsight() {
    std::string pattern = (fs::temp_directory_path() / "aisp-nsight-XXXXXX").string();
    if (!::mkdtemp(pattern.data())) throw std::runtime_error("mkdtemp");
    folder_ = pattern;
    const char* before = std::getenv("PATH");
    path_ = before ? before : "";
    ::setenv("PATH", (folder_.string() + ":" + path_).c_str(), 1);
  }
  ~Nsight() override {
    ::setenv("PATH", path_.c_str(), 1);
    std::error_code ignored;
    fs::remove_all(folder_, ignored);
  }

  // A program that takes ncu's or nsys's options, keeps its arguments, runs the command behind them, then goes on.
  fs::path tool(const char* name, const std::string& then) const {
    const auto file = folder_ / name;
    std::ofstream(file) << "#!/bin/bash\nprintf '%s\\n' \"$@\" > '" << folder_.string()
                        << "/arguments'\nwhile (($#)); do case $1 in\n"
                           "  --log-file) log=$2; shift 2 ;;\n  --output=*) output=${1#--output=}; shift ;;\n"
                           "  --csv | profile | --*=*) shift ;;\n  --*) shift 2 ;;\n  *) break ;;\nesac; done\n"
                        << then;
    ::chmod(file.c_str(), 0755);
    return file;
  }
  NsightOptions replay(std::vector<std::string> more = {}) const {
    NsightOptions o;
    o.replay = {AISP_BUILD_DIR "/bin/aisp-replay", "ch09:softmax", "online", "--device", "cpu", "--calls", "3"};
    o.replay.insert(o.replay.end(), more.begin(), more.end());
    o.scratch = folder_;
    return o;
  }
  std::string arguments() const {
    std::ifstream in(folder_ / "arguments");
    return {std::istreambuf_iterator<char>(in), {}};
  }
  static std::string complaint(const std::function<void()>& action) {
    try {
      action();
    } catch (const std::runtime_error& error) {
      return error.what();
    }
    return "nothing was wrong";
  }

  fs::path folder_;
  std::string path_;
};

constexpr const char* kTable =
    "\"$@\" > /dev/null || exit 3\ncat > \"$log\" <<'EOF'\n==PROF== Connected to process 1\n"
    "\"ID\",\"Kernel Name\",\"dram__bytes_read.sum\",\"gpu__time_duration.sum\"\n\"\",\"\",\"byte\",\"ns\"\n"
    "\"0\",\"online(const float *)\",\"4,000\",\"2,000\"\nEOF\n";

TEST_F(Nsight, NcuMeasuresTheReplay) {
  const auto ncu = tool("ncu", kTable);
  ASSERT_EQ(find_ncu(), ncu) << "PATH comes first";
  const auto kernels = run_ncu(ncu, {"dram__bytes_read.sum", "gpu__time_duration.sum"}, replay({"rows=64"}));
  ASSERT_EQ(kernels.size(), 1u);
  EXPECT_EQ(kernels[0].name, "online(const float *)");
  EXPECT_DOUBLE_EQ(kernels[0].metric("dram__bytes_read.sum"), 4000);
  EXPECT_EQ(analysis::parse_ncu_csv(record::read_whole(ncu_log(folder_)), true).size(), 1u) << "stays to be kept";
  for (const char* part : {"--profile-from-start\noff\n", "--metrics\ndram__bytes_read.sum,gpu__time_duration.sum\n",
                           "--cache-control\nnone\n", "rows=64\n"})
    EXPECT_THAT(arguments(), HasSubstr(part));
  auto cold = replay();
  cold.cold = true;
  run_ncu(ncu, {"dram__bytes_read.sum"}, cold);
  EXPECT_THAT(arguments(), HasSubstr("--cache-control\nall\n"));
}

TEST_F(Nsight, WhatNcuRefusesIsOneLine) {
  const auto run = [&](const std::string& then, std::vector<std::string> more = {}) {
    return complaint([&] { run_ncu(tool("ncu", then), {"m"}, replay(std::move(more))); });
  };
  EXPECT_THAT(run("echo '==ERROR== ERR_NVGPUCTRPERM - no permission' > \"$log\"; exit 1\n"),
              HasSubstr("NVreg_RestrictProfilingToAdminUsers=0"));
  EXPECT_THAT(run("echo '==WARNING== No kernels were profiled.' > \"$log\"\n"), HasSubstr("captured none"));
  EXPECT_THAT(run("echo '==ERROR== Failed to find metric m'; exit 1\n"), HasSubstr("Failed to find metric m"));
  EXPECT_THAT(run("exec \"$@\"\n", {"no_such=1"}),
              testing::AllOf(HasSubstr("ncu measured nothing"), HasSubstr("ch09:softmax has no parameter no_such")));
  EXPECT_THAT(run("kill -9 $$\n"), HasSubstr("Killed"));
  EXPECT_THAT(complaint([&] { run_ncu(folder_ / "absent", {"m"}, replay()); }), HasSubstr("could not be started"));
  for (const std::string& line : {run("exit 7\n"), run("printf 'a\\nb\\n'; exit 7\n")})
    EXPECT_EQ(line.find('\n'), std::string::npos) << line;
}

// What Debian's and the toolkit's wrapper says where Nsight Compute itself is missing.
TEST_F(Nsight, AnNcuThatCannotStartIsNotCalledATable) {
  const auto run = [&](const std::string& then) {
    return complaint([&] { run_ncu(tool("ncu", then), {"m"}, replay()); });
  };
  EXPECT_EQ(run("echo 'ERROR : nsight-compute directory is not found under /opt/nvidia. Nsight Compute is not "
                "installed on your system.'; exit 1\n"),
            "ncu did not run (exit status 1): nsight-compute directory is not found under /opt/nvidia. Nsight Compute "
            "is not installed on your system.");
  EXPECT_EQ(run("exit 127\n"), "ncu did not run (exit status 127): it says nothing");
  EXPECT_THAT(run("echo '==PROF== Connected'; exit 1\n"), Not(HasSubstr("did not run")));
}

TEST_F(Nsight, NcuEndsWhenInterrupted) {
  std::atomic<bool> interrupted = false;
  auto o = replay();
  o.interrupted = &interrupted;
  const auto ncu = tool("ncu", "touch '" + (folder_ / "began").string() + "'\nsleep 600\n");
  std::thread user([&] {
    while (!fs::exists(folder_ / "began")) std::this_thread::sleep_for(std::chrono::milliseconds(10));
    interrupted = true;
  });
  EXPECT_THAT(complaint([&] { run_ncu(ncu, {"m"}, o); }), HasSubstr("interrupted"));
  user.join();
}

TEST_F(Nsight, NsysLeavesItsReportOrSaysWhyNot) {
  const auto report = run_nsys(tool("nsys", "\"$@\" > /dev/null && echo report > \"$output.nsys-rep\"\n"),
                               folder_ / "ch09_softmax.online", replay());
  EXPECT_EQ(report, folder_ / "ch09_softmax.online.nsys-rep");
  EXPECT_TRUE(fs::exists(report));
  EXPECT_THAT(arguments(), HasSubstr("--capture-range=cudaProfilerApi\n"));
  EXPECT_THAT(complaint([&] { run_nsys(tool("nsys", "echo no GPU here; exit 1\n"), folder_ / "x", replay()); }),
              HasSubstr("no GPU here"));
}

TEST_F(Nsight, ProgramsAreFoundOnPathThenInFolders) {
  ::setenv("PATH", (folder_ / "empty").c_str(), 1);
  EXPECT_EQ(find_program("ncu", {folder_}), "");
  const auto ncu = tool("ncu", "");
  EXPECT_EQ(find_program("ncu", {folder_ / "empty", folder_}), ncu);
  ::chmod(ncu.c_str(), 0644);
  EXPECT_EQ(find_program("ncu", {folder_}), "");
}

}  // namespace
}  // namespace aisp::app
