#include "app/session.hpp"

#include "app/names.hpp"
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

Session::Session(const Context& context) : facts_(device::cpu_facts()), worker_(context.paths.worker().string()) {
  try {
    if (const auto record = record::load_calibration(context.artifacts, record::host_key(facts_))) {
      calibration_ = record::citation(*record);
      peaks_ = record->peaks;
    }
  } catch (const std::runtime_error& error) {
    fmt::print(stderr, "note: the calibration is not used: {}\n", one_line(error.what()));
  }
}

void Session::take_device() {
  bool told = false;
  const auto on_wait = [&](const record::Holder& holder) {
    if (!told) fmt::print(stderr, "waiting: the cpu is in use by {}\n", holder.text());
    told = true;
    return !interrupted();
  };
  lock_.emplace(record::DeviceLock::acquire("cpu", true, on_wait));
}

const device::CpuPeaks& Session::peaks() {
  if (!peaks_) peaks_ = device::measure_peaks(kQuickPeaks);
  return *peaks_;
}

judge::Settings Session::equip(judge::Settings settings) const {
  settings.scratch = scratch_.path().string();
  settings.worker = worker_;
  settings.interrupted = &interrupt_.flag();
  return settings;
}

}  // namespace aisp::app
