#include "app/compile.hpp"

#include "app/confined.hpp"
#include "app/names.hpp"
#include "app/options.hpp"
#include "nvrtc/first_error.hpp"
#include "validity/source_switches.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <pwd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <map>
#include <sstream>
#include <system_error>

namespace aisp::app {
namespace fs = std::filesystem;
namespace {

constexpr auto kTimeout = std::chrono::seconds(300);
constexpr std::array kNvcc = {"nvcc", "/usr/local/cuda/bin/nvcc"};
constexpr std::uint64_t kMemory = std::uint64_t{8} << 30;  // of each of the compiler's processes
constexpr std::uint64_t kMostFile = std::uint64_t{1} << 30;
constexpr int kOpenFiles = 1024;
// Where compilers look for headers, libraries and their own parts.
constexpr std::array kSearchVariables = {"CPATH",           "C_INCLUDE_PATH", "CPLUS_INCLUDE_PATH", "LIBRARY_PATH",
                                         "LD_LIBRARY_PATH", "COMPILER_PATH",  "CUDA_HOME",          "CUDA_PATH"};

bool is_c(const fs::path& source) { return source.extension() == ".c"; }
bool is_cuda(const fs::path& source) { return source.extension() == ".cu"; }

// Where a program lies as an executable file: on PATH, unless its name holds a '/'. "" when it is not there.
std::string located(const std::string& name) {
  if (name.empty()) return {};
  if (name.find('/') != std::string::npos) return ::access(name.c_str(), X_OK) == 0 ? fs::absolute(name).string() : "";
  const char* path = std::getenv("PATH");
  std::istringstream folders(path ? path : "/usr/bin:/bin");
  for (std::string folder; std::getline(folders, folder, ':');)
    if (const auto file = fs::absolute(folder) / name; ::access(file.c_str(), X_OK) == 0) return file;
  return {};
}

std::string first_on_path(const std::vector<std::string>& names) {
  const auto found = std::find_if(names.begin(), names.end(), [](const auto& name) { return !located(name).empty(); });
  return found == names.end() ? "" : *found;
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

bool is_within(const fs::path& file, const fs::path& folder) {
  return std::mismatch(folder.begin(), folder.end(), file.begin(), file.end()).first == folder.end();
}

// The user's home, a folder above it, and one that everybody may write to hold more than what belongs to a source.
bool holds_more(const fs::path& folder) {
  std::error_code ignored;
  const char* home = std::getenv("HOME");
  const passwd* user = ::getpwuid(::geteuid());
  for (const char* name : {home, user ? static_cast<const char*>(user->pw_dir) : nullptr})
    if (name && *name && is_within(fs::weakly_canonical(name, ignored), folder)) return true;
  return (fs::status(folder, ignored).permissions() & fs::perms::others_write) != fs::perms::none;
}

// A file of the user's, and what of its folder the compiler may see.
struct Source {
  fs::path file, seen;  // `seen`: the folder, or the file alone
  bool alone() const { return seen == file; }
};

Source source_of(const fs::path& named) {
  const auto folder = fs::canonical(fs::absolute(named).parent_path());
  const auto file = folder / named.filename();
  if (const auto real = fs::canonical(file); !is_within(real, folder))
    throw UsageError(
        fmt::format("{} is a link to {}, outside its folder; name that file", named.string(), real.string()));
  return {file, holds_more(folder) ? file : folder};
}

// Where a compiler outside /usr keeps its parts: the folder above its bin/.
std::string installation_of(const std::string& program) {
  std::error_code error;
  const auto real = fs::canonical(program, error);
  if (error) return program;
  const auto folder = real.parent_path(), above = folder.parent_path();
  if (!holds_more(above)) return above;
  return holds_more(folder) ? real : folder;
}

// Folders that the user's own flags and variables give the compiler.
std::vector<std::string> folders_of(const std::vector<std::string>& command) {
  std::vector<std::string> folders;
  const auto add = [&](const std::string& folder) {
    if (!folder.empty()) folders.push_back(fs::absolute(folder).lexically_normal());
  };
  for (const char* name : kSearchVariables)
    if (const char* value = std::getenv(name)) {
      std::istringstream list(value);
      for (std::string folder; std::getline(list, folder, ':');) add(folder);
    }
  for (std::size_t i = 1; i < command.size(); ++i)
    for (const std::string flag : {"-I", "-L", "-isystem", "-iquote", "-idirafter", "-include"}) {
      if (command[i] == flag && i + 1 < command.size()) add(command[i + 1]);
      if (command[i].starts_with(flag) && command[i].size() > flag.size() && flag.size() == 2)
        add(command[i].substr(2));
    }
  return folders;
}

// Paths in the user's flags are those of the folder that aisp runs in, which the compiler does not.
void make_absolute(std::vector<std::string>& command) {
  for (std::size_t i = 1; i < command.size(); ++i) {
    const auto flag = command[i].substr(0, 2);
    if ((flag == "-I" || flag == "-L") && command[i].size() > 2)
      command[i] = flag + fs::absolute(command[i].substr(2)).lexically_normal().string();
    else if (const auto& before = command[i - 1]; before == "-I" || before == "-L" || before == "-isystem" ||
                                                  before == "-iquote" || before == "-idirafter" || before == "-include")
      command[i] = fs::absolute(command[i]).lexically_normal();
  }
}

// Made, not inherited: what a compiler reads of the user's variables are search paths, and none of the switches that
// some of them can hold.
std::vector<std::string> environment(const fs::path& temporary) {
  const char* path = std::getenv("PATH");
  std::vector<std::string> all{"LC_ALL=C",  // messages are searched for "error:"
                               std::string("PATH=") + (path ? path : "/usr/bin:/bin"), "HOME=" + temporary.string(),
                               "TMPDIR=" + temporary.string(), "CCACHE_DISABLE=1"};
  for (const char* name : kSearchVariables)
    if (const char* value = std::getenv(name)) all.push_back(std::string(name) + "=" + value);
  return all;
}

ConfinedJob confined(const CompileJob& job, const Source& source, const std::vector<std::string>& command) {
  ConfinedJob all;
  all.folder = source.alone() ? "/" : source.seen;
  all.timeout = kTimeout;
  all.interrupted = job.interrupted;
  const auto folder = fs::canonical(job.output.parent_path());
  all.environment = environment(folder);
  auto& box = all.sandbox;
  box.writable = {folder};
  box.readable = folders_of(command);
  for (const auto& path : {source.seen, source.file, job.include}) box.readable.push_back(path);
  box.executable = {"/usr", "/bin", "/sbin", "/lib", "/lib64", "/lib32", "/libx32"};
  for (const auto& word : command) {  // "ccache g++" is two programs, and flags follow
    if (word.starts_with('-')) break;
    const auto program = located(word);
    if (const auto place = installation_of(program); !program.empty() && !is_within(place, "/usr"))
      box.executable.push_back(place);
  }
  box.memory_bytes = kMemory;
  box.file_bytes = kMostFile;
  box.open_files = kOpenFiles;
  return all;
}

// Throws UsageError unless the command ends well.
void require_success(const CompileJob& job, const Source& source, const ConfinedResult& result,
                     const std::string& program) {
  if (!result.not_started.empty())
    throw UsageError(fmt::format("{} cannot be started in the sandbox: {}", program, one_line(result.not_started)));
  if (result.timed_out)
    throw UsageError(fmt::format("{} did not compile within {} s", job.source.string(), kTimeout.count()));
  if (WIFEXITED(result.status) && WEXITSTATUS(result.status) == 0) return;
  const auto error = one_line(nvrtc::first_error(result.output));
  std::string hint;
  for (const char* sign :
       {"No such file", "file not found", "Permission denied", "can't open", "ould not open", "ould not find"})
    if (error.find(sign) != std::string::npos)
      hint = fmt::format("; the compiler sees {}, aisp's include/, and the system's headers and libraries alone",
                         source.alone() ? "this file (not its folder, which is not its own)" : "the file's folder");
  if (WIFSIGNALED(result.status) && result.output.empty())
    throw UsageError(fmt::format("{} does not compile: the compiler was killed by signal {}", job.source.string(),
                                 WTERMSIG(result.status)));
  throw UsageError(fmt::format("{} does not compile: {}{}", job.source.string(), error, hint));
}

std::string content(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

// The source's own switches. Files of the system and of the project may choose processors unseen, unless a file of the
// user's says on its lines that it is one of them.
std::vector<model::SourceSwitch> switches(const CompileJob& job, const Source& source, const std::string& text) {
  const std::vector<fs::path> vouched{"/usr", "/opt", job.include, fs::canonical(job.include)};
  std::map<std::string, bool> known;
  bool trusted = true;
  const auto is_vouched = [&](const std::string& file) {
    if (const auto found = known.find(file); found != known.end()) return trusted && found->second;
    std::error_code error;
    const auto real = fs::weakly_canonical(file, error);
    const bool ours =
        !error && std::any_of(vouched.begin(), vouched.end(), [&](const auto& f) { return is_within(real, f); });
    if (!ours && fs::is_regular_file(real, error) && validity::renames_lines(content(real))) trusted = false;
    known.emplace(file, ours);
    return trusted && ours;
  };
  is_vouched(source.file);
  return validity::source_switches(text, is_c(job.source) ? validity::Language::c : validity::Language::cpp,
                                   is_vouched);
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

Compiled compile(const CompileJob& job) {
  const bool cuda = is_cuda(job.source), c = is_c(job.source);
  const auto source = source_of(job.source);
  const auto folder = job.output.parent_path();
  auto flags = compiler_command(job.source);
  flags.emplace_back(c ? "-std=c11" : "-std=c++20");
  for (auto& flag : words(job.flags))
    flags.push_back(flag.starts_with("sm_") ? "-gencode=arch=compute_" + flag.substr(3) + ",code=" + flag
                                            : std::move(flag));
  if (cuda)
    for (std::string word : {"-shared", "-Xcompiler=-fPIC,-g1,-pthread"}) flags.push_back(std::move(word));
  else
    for (std::string word : {"-shared", "-fPIC", "-g1", "-pthread"}) flags.push_back(std::move(word));
  std::vector<std::string> libraries;  // looked into for what the source lacks, so they follow it
  for (auto& flag : words(job.more_flags))
    (flag.starts_with("-l") || flag.starts_with("-Wl,") ? libraries : flags).push_back(std::move(flag));
  if (c) libraries.emplace_back("-lm");
  make_absolute(flags);
  flags.push_back("-I" + job.include.string());
  flags.push_back("-DAISP_TARGET=\"" + job.target + "\"");
  flags.push_back("-DAISP_VARIANT_NAME=\"" + job.variant + "\"");

  Compiled compiled;
  auto box = confined(job, source, flags);
  const auto run = [&](const std::vector<std::string>& more) {
    box.command = flags;
    box.command.front() = located(flags.front());
    box.command.insert(box.command.end(), more.begin(), more.end());
    const auto result = run_confined(box);
    compiled.unconfined = result.missing;
    require_success(job, source, result, flags.front());
  };
  // nvcc compiles a source several times over, so what it preprocesses once is looked at and the source compiled.
  const auto text = fs::canonical(folder) / (c ? "source.i" : "source.ii");
  run({"-E", "-o", text.string(), source.file.string()});
  compiled.source_switches = switches(job, source, content(text));
  std::vector<std::string> last{"-o", (fs::canonical(folder) / job.output.filename()).string(),
                                (cuda ? source.file : text).string()};
  last.insert(last.end(), libraries.begin(), libraries.end());
  run(last);
  if (!fs::exists(job.output))
    throw UsageError(
        fmt::format("{}: the compiler wrote no library; is one of its flags in the way?", job.source.string()));
  fs::remove(text);
  flags.insert(flags.end(), {"-o", job.output.string(), source.file.string()});
  flags.insert(flags.end(), libraries.begin(), libraries.end());
  compiled.command = fmt::format("{}", fmt::join(flags, " "));
  return compiled;
}

}  // namespace aisp::app
