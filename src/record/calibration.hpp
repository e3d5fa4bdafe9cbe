// What `aisp calibrate` found out about this machine, kept so that later runs can cite it.
#pragma once

#include "device/cpu/facts.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace aisp::record {

struct SpinAccuracy {  // a known duration, measured by the judge
  double requested_seconds = 0;
  double measured_seconds = 0;  // median; on a GPU without the cost of an empty call
  double worst_error_seconds = 0;
};

struct CalibrationRecord {
  int schema = 1;
  std::string host;    // host_key() of the machine; for a GPU, gpu_key() follows
  std::string device;  // "cpu" | "cuda": what was calibrated
  std::string when;    // UTC, ISO 8601
  std::string aisp_version;
  double aa_floor = 0;  // relative effect that identical variants show
  int aa_trials = 0;
  int aa_false_calls = 0;          // trials called FAST or SLOW
  int power_trials = 0;            // of work that takes a known share longer
  int power_resolved = 0;          // trials that called it SLOW
  double power_effect = 0;         // by how much it takes longer
  double power_worst_seconds = 0;  // wall-clock time of the longest trial
  double null_call_seconds = 0;
  double clock_resolution_seconds = 0;
  double noise = 0;  // median absolute deviation of a fixed computation's time, relative to its median
  std::vector<SpinAccuracy> spin;
  device::CpuPeaks peaks;
  model::HostState state;  // when it was made
};

// Names a machine by what its figures depend on: processor, number of logical processors, hypervisor. Letters, digits
// and dashes only.
std::string host_key(const device::CpuFacts&);

// Below `home`/calibration/<host key>.json. Throws StoreError when it cannot be written.
std::filesystem::path save_calibration(const std::filesystem::path& home, const CalibrationRecord&);
// Nothing when this machine was never calibrated; throws std::runtime_error for a damaged file.
std::optional<CalibrationRecord> load_calibration(const std::filesystem::path& home, const std::string& host_key);
// "amd-epyc-…-2c of 2026-11-21T05:40:00Z": how a run cites it.
std::string citation(const CalibrationRecord&);

}  // namespace aisp::record
