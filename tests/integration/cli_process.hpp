// Runs the real binary as a user would: its own working folder, a chosen environment, both streams caught.
// Every test is one file, so this is header-only.
#pragma once

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

#define SKIP_WHEN_TOO_BUSY(result)                   \
  if ((result).exit_code == 4 && machine_too_busy()) \
  GTEST_SKIP() << "other processes disturbed the timing (timing.event_gaps)"

namespace aisp::test {

struct Result {
  int exit_code = -1;  // −1: died by a signal or was killed after the deadline
  std::string out, err;
  nlohmann::json json() const { return nlohmann::json::parse(out); }  // throws when stdout is not one document
  // Lines on stderr, not counting the note that another run on this machine holds the device.
  long error_lines() const {
    std::istringstream lines(err);
    long count = 0;
    for (std::string line; std::getline(lines, line);) count += !line.starts_with("waiting: the cpu is in use by ");
    return count;
  }
};

struct Command {
  std::vector<std::string> arguments;  // without the program
  std::map<std::string, std::string> environment = {};
  std::function<void()> in_child = {};  // runs between fork and exec
  std::chrono::seconds deadline{60};
  std::filesystem::path program = {};  // empty: this build's
};

// Where this build lies now: it may have been made on another machine.
inline std::filesystem::path build_folder() {
  return std::filesystem::read_symlink("/proc/self/exe").parent_path().parent_path().parent_path();
}

// A running `aisp`.
class Process {
 public:
  Process(const Command& command, const std::filesystem::path& folder)
      : deadline_(std::chrono::steady_clock::now() + command.deadline) {
    std::array<int, 2> out{}, err{};
    if (::pipe2(out.data(), O_CLOEXEC) != 0 || ::pipe2(err.data(), O_CLOEXEC) != 0) throw std::runtime_error("pipe2");
    pid_ = ::fork();
    if (pid_ < 0) throw std::runtime_error("fork");
    if (pid_ == 0) {
      ::dup2(::open("/dev/null", O_RDONLY), STDIN_FILENO);
      ::dup2(out[1], STDOUT_FILENO);
      ::dup2(err[1], STDERR_FILENO);
      if (::chdir(folder.c_str()) != 0) ::_exit(125);
      for (const char* name : {"AISP_HOME", "AISP_FAST_BENCH", "AISP_ALLOW_VIRTUALIZATION", "CXX", "CC", "CUDACXX"})
        ::unsetenv(name);
      for (const auto& [name, value] : command.environment) ::setenv(name.c_str(), value.c_str(), 1);
      if (command.in_child) command.in_child();
      const std::string binary = command.program.empty() ? build_folder() / "bin/aisp" : command.program;
      std::vector<char*> argv{const_cast<char*>(binary.c_str())};
      for (const auto& argument : command.arguments) argv.push_back(const_cast<char*>(argument.c_str()));
      argv.push_back(nullptr);
      ::execv(binary.c_str(), argv.data());
      ::_exit(126);
    }
    ::close(out[1]);
    ::close(err[1]);
    out_ = out[0];
    err_ = err[0];
  }
  ~Process() {
    if (pid_ > 0) {
      ::kill(pid_, SIGKILL);
      ::waitpid(pid_, nullptr, 0);
    }
    ::close(out_);
    ::close(err_);
  }
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  void send(int signal) const { ::kill(pid_, signal); }

  // Reads until stderr or stdout holds `text`; false when the process ended or the deadline passed first.
  bool wait_for(const std::string& text) {
    const auto seen = [&] {
      return result_.out.find(text) != std::string::npos || result_.err.find(text) != std::string::npos;
    };
    while (!seen())
      if (!read_some()) return seen();
    return true;
  }

  Result wait() {
    while (read_some()) {
    }
    if (std::chrono::steady_clock::now() >= deadline_) ::kill(pid_, SIGKILL);
    int status = 0;
    ::waitpid(pid_, &status, 0);
    pid_ = -1;
    if (WIFEXITED(status)) result_.exit_code = WEXITSTATUS(status);
    return result_;
  }

 private:
  // False at the end of both streams, or after the deadline.
  bool read_some() {
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(deadline_ - std::chrono::steady_clock::now());
    if (left.count() <= 0 || (out_ended_ && err_ended_)) return false;
    std::array<pollfd, 2> streams{{{out_ended_ ? -1 : out_, POLLIN, 0}, {err_ended_ ? -1 : err_, POLLIN, 0}}};
    if (::poll(streams.data(), streams.size(), static_cast<int>(left.count())) <= 0) return true;
    drain(streams[0], result_.out, out_ended_);
    drain(streams[1], result_.err, err_ended_);
    return true;
  }
  static void drain(const pollfd& stream, std::string& into, bool& ended) {
    if (!stream.revents) return;
    std::array<char, 4096> buffer;
    const ssize_t n = ::read(stream.fd, buffer.data(), buffer.size());
    if (n <= 0)
      ended = true;
    else
      into.append(buffer.data(), static_cast<std::size_t>(n));
  }

  int pid_ = -1, out_ = -1, err_ = -1;
  bool out_ended_ = false, err_ended_ = false;
  std::chrono::steady_clock::time_point deadline_;
  Result result_;
};

// A test with a private folder that the binary runs in.
class CliTest : public ::testing::Test {
 protected:
  CliTest() {
    std::string pattern = (std::filesystem::temp_directory_path() / "aisp-cli-XXXXXX").string();
    if (!::mkdtemp(pattern.data())) throw std::runtime_error("mkdtemp");
    folder_ = pattern;
  }
  ~CliTest() override {
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }

  Result aisp(std::vector<std::string> arguments, std::map<std::string, std::string> environment = {}) const {
    return Process({std::move(arguments), std::move(environment)}, folder_).wait();
  }

  // Bad input: exit 2, exactly one line on stderr that holds every one of `needles`, nothing on stdout, and a folder
  // that is left as it was.
  void expect_refused(const std::vector<std::string>& arguments, const std::vector<std::string>& needles,
                      const std::map<std::string, std::string>& environment = {}) const {
    const auto before = files();
    const auto result = aisp(arguments, environment);
    const std::string shown = ::testing::PrintToString(arguments) + "\nstderr: " + result.err;
    EXPECT_EQ(result.exit_code, 2) << shown;
    EXPECT_EQ(result.error_lines(), 1) << shown;
    EXPECT_EQ(result.out, "") << shown;
    for (const auto& needle : needles) EXPECT_THAT(result.err, ::testing::HasSubstr(needle)) << shown;
    EXPECT_EQ(files(), before) << shown;
  }

  void write(const std::string& file, const std::string& text) const { std::ofstream(folder_ / file) << text; }

  std::vector<std::string> files() const {  // everything below the folder
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder_))
      names.push_back(entry.path().string());
    std::sort(names.begin(), names.end());
    return names;
  }

  // Whether all that was held against the runs so far is that the judge's clock and the worker's disagree: what happens
  // when other processes take the judge's core in the middle of a batch. What a test says about speed cannot be seen
  // then.
  bool machine_too_busy() const {
    bool any = false;
    for (const auto& file : files()) {
      if (!file.ends_with(".verdict.json")) continue;
      std::ifstream in(file);
      const auto verdict = nlohmann::json::parse(in);
      for (const auto& violation : verdict.at("violations")) {
        if (violation.at("issue") != "timing.event_gaps") return false;
        any = true;
      }
    }
    return any;
  }

  // Arguments of a run that is as short as one can be.
  static std::vector<std::string> short_run(std::vector<std::string> more = {}) {
    std::vector<std::string> arguments{"bench", "run", "--targets", "ch09:softmax", "--pairs", "6", "--restarts", "1"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return arguments;
  }

  std::filesystem::path folder_;
};

}  // namespace aisp::test
