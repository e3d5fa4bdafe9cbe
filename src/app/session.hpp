// One process's hold on the device while it measures: the lock, the facts, the ceilings, scratch space and Ctrl-C.
#pragma once

#include "app/interrupt.hpp"
#include "app/options.hpp"
#include "device/cpu/facts.hpp"
#include "judge/judge.hpp"
#include "record/device_lock.hpp"

#include <filesystem>
#include <optional>
#include <string>

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

class Session {
 public:
  explicit Session(const Context&);

  // Waits for the device while another process holds it, and says who that is; held until the session ends. Called
  // before anything is measured, after everything that can be refused. Throws DeviceBusy when interrupted.
  void take_device();

  const device::CpuFacts& facts() const { return facts_; }
  // Of this machine's calibration when there is one, else measured on first use.
  const device::CpuPeaks& peaks();
  const std::string& calibration() const { return calibration_; }  // the citation; "" = never calibrated
  const std::filesystem::path& scratch() const { return scratch_.path(); }
  bool interrupted() const { return interrupt_.flag(); }

  // Fills in what the judge needs from here: scratch folder, worker, interruption.
  judge::Settings equip(judge::Settings) const;

 private:
  InterruptGuard interrupt_;
  std::optional<record::DeviceLock> lock_;
  ScratchFolder scratch_;
  device::CpuFacts facts_;
  std::string worker_;
  std::string calibration_;
  std::optional<device::CpuPeaks> peaks_;
};

}  // namespace aisp::app
