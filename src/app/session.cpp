#include "app/session.hpp"

#include "app/names.hpp"
#include "app/print.hpp"
#include "record/calibration.hpp"

#include <fmt/format.h>
#include <stdlib.h>

#include <cerrno>
#include <cstring>

namespace aisp::app {
namespace fs = std::filesystem;
namespace {

constexpr double kQuickPeaks = 0.5;  // seconds spent on ceilings when this machine was never calibrated

}  // namespace

ScratchFolder::ScratchFolder() {
  const char* base = std::getenv("TMPDIR");
  std::string pattern = (fs::path(base && *base ? base : "/tmp") / "aisp-XXXXXX").string();
  if (!::mkdtemp(pattern.data()))
    throw std::runtime_error(fmt::format("no scratch folder {}: {}; set TMPDIR", pattern, std::strerror(errno)));
  path_ = pattern;
}

ScratchFolder::~ScratchFolder() {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

Session::Session(const Context& context)
    : artifacts_(context.artifacts), facts_(device::cpu_facts()), worker_(context.paths.worker().string()) {
  try {
    if (const auto record = record::load_calibration(context.artifacts, record::host_key(facts_))) {
      calibration_ = record::citation(*record);
      peaks_ = record->peaks;
    }
  } catch (const std::runtime_error& error) {
    print_err("note: the calibration is not used: {}\n", one_line(error.what()));
  }
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
