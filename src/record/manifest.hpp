// What a run was made with: enough to repeat it and to explain why two runs differ.
#pragma once

#include "device/cpu/facts.hpp"
#include "device/gpu/facts.hpp"
#include "record/libraries.hpp"
#include "record/system_settings.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace aisp::record {

struct BuildFacts {  // of this binary
  std::string compiler, compiler_version;
  std::string flags;          // of judge and command line
  std::string variant_flags;  // of every compiled-in variant
  std::string build_type, sanitizer;
  std::string git_commit;       // "" = not built from a git checkout
  bool git_dirty = false;       // tracked files differed from the commit when this was built
  std::string cuda, cuda_arch;  // the toolkit's version and what variants were compiled for; "" = built without CUDA
};

struct RunSettings {
  std::vector<std::string> command_line;
  std::vector<std::string> targets;  // resolved names, in the order of the run
  std::vector<std::string> target_extra_args;
  std::string device = "cpu";
  std::string scale = "light";
  int pairs = 0;  // 0 = planned from a pilot
  int restarts = 1;
  double seconds = 0;  // budget of timed work per target
  double timeout = 0;  // seconds per command to a worker
  std::uint64_t memory_bytes = 0;
  bool seed_given = false;  // inputs follow from a seed of the command line, or are those of `replay`
  std::string replay;       // folder of the run whose rounds are played again; "" = none
  bool publish = false, strict = false, allow_virtualization = false;
};

struct Manifest {
  int schema = 3;
  std::string run;                // id
  std::string started, finished;  // UTC, ISO 8601; finished "" = not over yet
  std::string aisp_version;
  device::CpuFacts host;
  std::vector<device::GpuFacts> gpus;  // that runs on CUDA used
  BuildFacts build;
  std::vector<Library> libraries;
  std::vector<Setting> system_settings;
  RunSettings settings;
  std::optional<std::string> seed;  // hex; absent until the run is over
  std::string calibration;          // the calibration that the run cites: its host key and time; "" = none
  bool interrupted = false;
  bool publishable = false;
  std::vector<std::string> unpublishable_reasons;
};

BuildFacts build_facts();
std::string aisp_version();
// A manifest of this binary on this host, started now, without a run id.
Manifest describe(const device::CpuFacts&, std::vector<device::GpuFacts>, RunSettings);
// Why figures measured on such a host and build cannot be published, whatever the run shows.
std::vector<std::string> unpublishable_host(const Manifest&);

std::string utc_now();  // "2026-11-21T05:45:00Z"

}  // namespace aisp::record
