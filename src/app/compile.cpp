#include "app/compile.hpp"

#include "app/names.hpp"
#include "app/options.hpp"
#include "nvrtc/first_error.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdlib>
#include <sstream>
#include <system_error>

namespace aisp::app {
namespace fs = std::filesystem;
namespace {

constexpr auto kTimeout = std::chrono::seconds(300);
constexpr std::array kNvcc = {"nvcc", "/usr/local/cuda/bin/nvcc"};
constexpr std::size_t kMostOutput = std::size_t{1} << 20;  // of the compiler's messages; the rest is read and dropped

bool is_c(const fs::path& source) { return source.extension() == ".c"; }
bool is_cuda(const fs::path& source) { return source.extension() == ".cu"; }

// The first program of the list that lies on PATH as an executable file; "" when there is none.
std::string first_on_path(const std::vector<std::string>& names) {
  const char* path = std::getenv("PATH");
  for (const auto& name : names) {
    if (name.empty()) continue;
    if (name.find('/') != std::string::npos) {
      if (::access(name.c_str(), X_OK) == 0) return name;
      continue;
    }
    std::istringstream folders(path ? path : "/usr/bin:/bin");
    for (std::string folder; std::getline(folders, folder, ':');)
      if (::access((fs::path(folder) / name).c_str(), X_OK) == 0) return name;
  }
  return {};
}

std::vector<std::string> words(const std::string& text) {
  std::istringstream in(text);
  return {std::istream_iterator<std::string>(in), {}};
}

// CXX, CC or CUDACXX may hold arguments ("ccache g++"), so a command is a list of words.
std::vector<std::string> compiler_command(const fs::path& source) {
  const bool c = is_c(source), cuda = is_cuda(source);
  const char* variable = cuda ? "CUDACXX" : c ? "CC" : "CXX";
  const char* chosen = std::getenv(variable);
  if (chosen && *chosen) {
    auto command = words(chosen);
    if (command.empty() || first_on_path({command.front()}).empty())
      throw UsageError(fmt::format("{} is '{}', which is not a program on PATH", variable, one_line(chosen)));
    return command;
  }
  const auto found = cuda ? first_on_path({kNvcc.begin(), kNvcc.end()})
                     : c  ? first_on_path({"cc", "gcc", "clang"})
                          : first_on_path({"c++", "g++", "clang++"});
  if (found.empty())
    throw UsageError(fmt::format("no {} compiler on PATH; install {} or set {}",
                                 cuda ? "CUDA"
                                 : c  ? "C"
                                      : "C++",
                                 cuda ? "the CUDA toolkit" : "g++", variable));
  return {found};
}

struct Finished {
  int status = 0;  // of waitpid(2)
  std::string output;
  bool timed_out = false;
};

Finished run_compiler(const std::vector<std::string>& command) {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) throw std::system_error(errno, std::generic_category(), "pipe");
  std::vector<char*> argv;
  for (const auto& word : command) argv.push_back(const_cast<char*>(word.c_str()));
  argv.push_back(nullptr);

  std::vector<std::string> environment{"LC_ALL=C"};  // messages are searched for "error:"
  for (char** entry = environ; *entry; ++entry)
    if (std::string_view(*entry).rfind("LC_ALL=", 0) != 0) environment.emplace_back(*entry);
  std::vector<char*> envp;
  for (auto& entry : environment) envp.push_back(entry.data());
  envp.push_back(nullptr);

  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawnattr_init(&attributes);
  ::posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  ::posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
  ::posix_spawn_file_actions_adddup2(&actions, ends[1], STDERR_FILENO);
  ::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP);  // its own group, so that cc1plus ends with it
  pid_t pid = -1;
  const int failed = ::posix_spawnp(&pid, argv[0], &actions, &attributes, argv.data(), envp.data());
  ::posix_spawn_file_actions_destroy(&actions);
  ::posix_spawnattr_destroy(&attributes);
  ::close(ends[1]);
  if (failed) {
    ::close(ends[0]);
    throw UsageError(fmt::format("{} cannot be started: {}", command.front(), std::generic_category().message(failed)));
  }

  Finished result;
  const auto deadline = std::chrono::steady_clock::now() + kTimeout;
  std::array<char, 4096> buffer;
  for (;;) {
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now()).count();
    pollfd readable{ends[0], POLLIN, 0};
    const int ready = left > 0 ? ::poll(&readable, 1, static_cast<int>(left)) : 0;
    if (ready < 0 && errno == EINTR) continue;
    if (ready <= 0) {
      result.timed_out = true;
      ::kill(-pid, SIGKILL);
      break;
    }
    const ssize_t count = ::read(ends[0], buffer.data(), buffer.size());
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) break;
    const std::size_t room = kMostOutput - std::min(kMostOutput, result.output.size());
    result.output.append(buffer.data(), std::min(room, static_cast<std::size_t>(count)));
  }
  ::close(ends[0]);
  while (::waitpid(pid, &result.status, 0) < 0 && errno == EINTR) {
  }
  return result;
}

}  // namespace

bool is_source(const fs::path& path) {
  const auto suffix = path.extension();
  return suffix == ".cu" || suffix == ".cpp" || suffix == ".cc" || suffix == ".cxx" || suffix == ".c";
}

bool compiled_at_run_time(const fs::path& source) {
  if (!is_cuda(source)) return false;
  const char* chosen = std::getenv("CUDACXX");
  return chosen && *chosen ? std::string_view(chosen) == "nvrtc" : first_on_path({kNvcc.begin(), kNvcc.end()}).empty();
}

std::string compile(const CompileJob& job) {
  auto command = compiler_command(job.source);
  command.emplace_back(is_c(job.source) ? "-std=c11" : "-std=c++20");
  for (auto& flag : words(job.flags))
    command.push_back(flag.starts_with("sm_") ? "-gencode=arch=compute_" + flag.substr(3) + ",code=" + flag
                                              : std::move(flag));
  if (is_cuda(job.source))
    for (std::string word : {"-shared", "-Xcompiler=-fPIC,-g1,-pthread"}) command.push_back(std::move(word));
  else
    for (std::string word : {"-shared", "-fPIC", "-g1", "-pthread"}) command.push_back(std::move(word));
  command.push_back("-I" + job.include.string());
  command.push_back("-DAISP_TARGET=\"" + job.target + "\"");
  command.push_back("-DAISP_VARIANT_NAME=\"" + job.variant + "\"");
  command.insert(command.end(), {"-o", job.output.string(), job.source.string()});
  if (is_c(job.source)) command.emplace_back("-lm");

  const auto result = run_compiler(command);
  if (result.timed_out)
    throw UsageError(fmt::format("{} did not compile within {} s", job.source.string(), kTimeout.count()));
  if (!WIFEXITED(result.status) || WEXITSTATUS(result.status) != 0)
    throw UsageError(
        fmt::format("{} does not compile: {}", job.source.string(), one_line(nvrtc::first_error(result.output))));
  return fmt::format("{}", fmt::join(command, " "));
}

}  // namespace aisp::app
