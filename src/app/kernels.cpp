#include "app/kernels.hpp"

#include "app/names.hpp"
#include "app/options.hpp"
#include "judge/layout.hpp"
#include "judge/runner.hpp"
#include "nvrtc/job.hpp"
#include "nvrtc/library.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string_view>

namespace aisp::app {
namespace fs = std::filesystem;
namespace {

constexpr std::uint64_t kCompilerBytes = std::uint64_t{4} << 30;  // the address space that a compilation may take

const char* why_nvrtc() {
  const char* chosen = std::getenv("CUDACXX");
  return chosen && *chosen ? "CUDACXX is nvrtc" : "there is no nvcc on PATH";
}

nvrtc::Library find_library() {
  try {
    return nvrtc::Library::find();
  } catch (const nvrtc::Error& error) {
    throw UsageError(fmt::format("{}, and {}", why_nvrtc(), one_line(error.what())));
  }
}

// "sm_90a", the last word of a CUDA variant's flags.
std::string architecture_of(const std::string& flags, const nvrtc::Library& library) {
  const auto at = flags.rfind("sm_");
  if (at == std::string::npos) throw std::logic_error("the variants' flags name no architecture: " + flags);
  const auto& known = library.architectures();
  if (std::find(known.begin(), known.end(), std::atoi(flags.c_str() + at + 3)) == known.end())
    throw UsageError(fmt::format("{} ({}) does not compile for {}; it knows sm_{}", library.name(), library.path(),
                                 flags.substr(at), fmt::join(known, ", sm_")));
  return flags.substr(at);
}

void require_kernels(const fs::path& source) {
  std::ifstream in(source, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  if (text.find("AISP_KERNEL") != std::string::npos) return;
  throw UsageError(fmt::format(
      "{} holds host code, which needs nvcc, and {}: install the CUDA toolkit or set CUDACXX, or declare its kernels "
      "with AISP_KERNEL of <aisp/kernel.cuh>",
      source.string(), why_nvrtc()));
}

}  // namespace

judge::Contestant place_kernels(const KernelsJob& job) {
  require_kernels(job.source);
  const auto library = find_library();
  nvrtc::Job files{.library = library.path(),
                   .name = one_line(job.source.filename().string()),
                   .headers = library.headers(),
                   .options = {"--gpu-architecture=" + architecture_of(job.flags, library), "-std=c++20",
                               "--device-as-default-execution-space", "-lineinfo"}};
  if (!files.headers.empty()) {
    files.options.push_back("-I" + files.headers);
    files.options.push_back("-I" + files.headers + "/cccl");
  }

  const auto beside = [&](const char* extension) { return fs::path(job.output).replace_extension(extension); };
  const auto headers = job.output.parent_path() / "include";
  fs::create_directories(headers);
  fs::copy_file(job.plugin, job.output);
  fs::copy_file(job.source, beside(".cu"));
  fs::copy(job.include / "aisp", headers / "aisp", fs::copy_options::recursive);
  nvrtc::write_job(beside(".nvrtc"), files);

  judge::Contestant kernels;
  kernels.plugin = job.output.string();
  kernels.variant = "kernels";
  kernels.info.flags = fmt::format("{} {}", library.name(), fmt::join(files.options, " "));
  // What lies beside the plugin's copy is read by it; a plugin alone is all that its worker sees of its folder.
  kernels.libraries = job.output.parent_path().string() + ":" + fs::path(library.path()).parent_path().string();
  if (!files.headers.empty()) kernels.libraries += ":" + files.headers;
  return kernels;
}

void require_compiles(const judge::Contestant& kernels, const Problem& problem, const judge::Settings& settings,
                      const fs::path& scratch) {
  auto check = kernels;
  check.variant = "check";
  judge::RunnerOptions options;
  options.scratch = scratch.string();
  options.spin = false;
  options.memory_bytes = kCompilerBytes;
  fs::create_directories(scratch);
  const auto startup = judge::make_startup(problem, judge::lay_out(problem, 1, 0), check, 1, options);
  const judge::SharedMemory nothing("aisp-none", 4096);
  try {
    judge::Team team(startup, {nothing.read_only_fd(), nothing.duplicate_fd(), nothing.size(), nothing.size()},
                     {.executable = settings.worker, .timeout = settings.timeout, .interrupted = settings.interrupted});
    team.command(judge::Op::prepare);
  } catch (const judge::WorkerFailure& failure) {
    std::string why = failure.what();
    constexpr std::string_view kPrefix = "prepare: ";
    if (why.starts_with(kPrefix)) why.erase(0, kPrefix.size());
    throw UsageError(fmt::format("{} does not compile: {}", kernels.info.source, why));
  }
}

}  // namespace aisp::app
