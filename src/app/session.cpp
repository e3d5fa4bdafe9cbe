#include "app/session.hpp"

#include "app/names.hpp"
#include "app/print.hpp"
#include "record/calibration.hpp"
#include "record/descriptor.hpp"

#include <fmt/format.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace aisp::app {
namespace fs = std::filesystem;
namespace {

constexpr std::size_t kMostPath = 300;  // of the scratch folder; the protocol has room for 511 bytes with all below it
constexpr rlim_t kOpenFiles = 256;      // a dozen for each worker, and several of those

// What workers cannot be watched without. Better a line now than a crash of every variant later.
void require_system() {
  rlimit files{};
  if (::getrlimit(RLIMIT_NOFILE, &files) == 0 && files.rlim_cur < kOpenFiles) {
    if (files.rlim_max < kOpenFiles)
      throw UsageError(fmt::format("at most {} open files are allowed here (ulimit -Hn); {} are needed", files.rlim_max,
                                   kOpenFiles));
    files.rlim_cur = kOpenFiles;
    ::setrlimit(RLIMIT_NOFILE, &files);
  }
  const record::Descriptor self(static_cast<int>(::syscall(SYS_pidfd_open, ::getpid(), 0)));
  if (!self)
    throw std::runtime_error(
        fmt::format("pidfd_open is not available ({}): workers cannot be watched without it. Linux has it since 5.3; a "
                    "container's seccomp filter may refuse it",
                    std::strerror(errno)));
}

constexpr double kQuickPeaks = 0.5;  // seconds spent on ceilings when this machine was never calibrated

}  // namespace

ScratchFolder::ScratchFolder() {
  const char* base = std::getenv("TMPDIR");
  const auto folder = fs::absolute(base && *base ? base : "/tmp");  // a sandbox's paths are absolute
  std::string pattern = (folder / "aisp-XXXXXX").string();
  if (pattern.size() > kMostPath)
    throw UsageError(fmt::format("TMPDIR makes paths of {} bytes; at most {} are possible: set TMPDIR to a shorter one",
                                 pattern.size(), kMostPath));
  if (!::mkdtemp(pattern.data()))
    throw UsageError(
        fmt::format("no scratch folder in {}: {}; set TMPDIR to another one", folder.string(), std::strerror(errno)));
  path_ = pattern;
}

ScratchFolder::~ScratchFolder() {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

Session::Session(const Context& context)
    : artifacts_(context.artifacts), facts_(device::cpu_facts()), worker_(context.paths.worker().string()) {
  require_system();
  note_ignored_variables();
  try {
    if (const auto record = record::load_calibration(context.artifacts, record::host_key(facts_))) {
      calibration_ = record::citation(*record);
      peaks_ = record->peaks;
    }
  } catch (const std::runtime_error& error) {
    print_err("note: the calibration is not used: {}\n", one_line(error.what()));
  }
}

void note_ignored_variables() {
  const auto names = device::ignored_variables();
  if (!names.empty())
    print_err("note: {} ignored: this machine is described as the kernel shows it\n",
              one_line(fmt::format("{} {}", fmt::join(names, ", "), names.size() == 1 ? "is" : "are")));
}

void Session::take(const std::set<std::string>& devices) {
  for (const auto& device : devices) {
    bool told = false;
    const auto on_wait = [&](const record::Holder& holder) {
      if (!told) print_err("waiting: the {} is in use by {}\n", device == "cpu" ? "cpu" : "gpu", holder.text());
      told = true;
      return !interrupted();
    };
    locks_.push_back(record::DeviceLock::acquire(device == "cuda" ? "cuda0" : device, true, on_wait));
    if (device == "cuda") gpu_.emplace(artifacts_);
  }
}

std::string Session::calibration() const {
  const auto gpu = gpu_ ? gpu_->calibration() : "";
  return calibration_ + (calibration_.empty() || gpu.empty() ? "" : "; ") + gpu;
}

record::Manifest Session::describe(record::RunSettings settings) const {
  std::vector<device::GpuFacts> gpus;
  if (gpu_) gpus.push_back(gpu_->facts());
  return record::describe(facts_, std::move(gpus), std::move(settings));
}

model::TargetEvidence Session::judge(const WorkloadEntry& workload, const std::vector<judge::Contestant>& contestants,
                                     const judge::Settings& settings, const std::string& device,
                                     const judge::Progress& progress) {
  const bool on_cpu = device == "cpu";
  const device::CpuPeaks none;
  std::optional<model::GpuState> before;
  if (!on_cpu) before = gpu_->state();
  auto evidence =
      judge::judge_target(workload, contestants, equip(settings, device), facts_, on_cpu ? peaks() : none, progress);
  if (on_cpu) return evidence;
  evidence.gpu_before = before;
  evidence.gpu_after = gpu_->state();
  evidence.ceilings = gpu_->ceilings(evidence);
  return evidence;
}

const device::CpuPeaks& Session::peaks() {
  if (!peaks_) peaks_ = device::measure_peaks(kQuickPeaks);
  return *peaks_;
}

judge::Settings Session::equip(judge::Settings settings, const std::string& device) const {
  settings.device = device;
  settings.scratch = scratch_.path().string();
  settings.worker = worker_;
  settings.interrupted = &interrupt_.flag();
  return settings;
}

}  // namespace aisp::app
