// One process's hold on the device while it measures: the lock, the facts, the ceilings, scratch space and Ctrl-C.
#pragma once

#include "app/gpu.hpp"
#include "app/interrupt.hpp"
#include "app/options.hpp"
#include "device/cpu/facts.hpp"
#include "judge/judge.hpp"
#include "record/device_lock.hpp"
#include "record/manifest.hpp"

#include <filesystem>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace aisp::app {

// A private folder below TMPDIR or /tmp, removed with its content.
class ScratchFolder {
 public:
  ScratchFolder();  // throws std::runtime_error when it cannot be made
  ~ScratchFolder();
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

// Says on stderr which variables of the environment could have described another machine.
void note_ignored_variables();

class Session {
 public:
  explicit Session(const Context&);

  // Waits for the devices ("cpu", "cuda") while another process holds one, and says who that is; held until the session
  // ends. Called before anything is measured, after everything that can be refused. Throws DeviceBusy when interrupted,
  // UsageError for a GPU that cannot be used.
  void take(const std::set<std::string>& devices);

  const device::CpuFacts& facts() const { return facts_; }
  // Of this machine's calibration when there is one, else measured on first use.
  const device::CpuPeaks& peaks();
  std::string calibration() const;  // citations, separated by "; "; "" = never calibrated
  const std::filesystem::path& scratch() const { return scratch_.path(); }
  const std::atomic<bool>& interrupt() const { return interrupt_.flag(); }  // for what polls it
  bool interrupted() const { return interrupt(); }

  // A manifest of this machine and its devices in use.
  record::Manifest describe(record::RunSettings) const;
  // Fills in what the judge needs from here: device, scratch folder, worker, interruption.
  judge::Settings equip(judge::Settings, const std::string& device = "cpu") const;
  // Judges a target on a device; evidence of a GPU holds the GPU's state and ceilings too.
  model::TargetEvidence judge(const WorkloadEntry&, const std::vector<judge::Contestant>&, const judge::Settings&,
                              const std::string& device, const judge::Progress&);

 private:
  InterruptGuard interrupt_;
  std::vector<record::DeviceLock> locks_;
  std::optional<Gpu> gpu_;
  std::filesystem::path artifacts_;
  ScratchFolder scratch_;
  device::CpuFacts facts_;
  std::string worker_;
  std::string calibration_;
  std::optional<device::CpuPeaks> peaks_;
};

}  // namespace aisp::app
