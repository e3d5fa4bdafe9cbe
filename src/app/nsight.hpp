// Nsight Compute and Nsight Systems over one variant, where they are installed: they are looked for when a profile is
// asked for. Either runs aisp-replay, because neither can follow a worker into its sandbox.
#pragma once

#include "analysis/ncu.hpp"

#include <atomic>
#include <filesystem>
#include <string>
#include <vector>

namespace aisp::app {

// "" = not installed. Looked for on PATH, then where NVIDIA's packages put them.
std::filesystem::path find_ncu();
std::filesystem::path find_nsys();

struct NsightOptions {
  std::vector<std::string> replay;  // the command to run
  std::filesystem::path scratch;    // for the tool's own files
  bool cold = false;                // caches are emptied before each kernel
  const std::atomic<bool>* interrupted = nullptr;
};

// What ncu measures of each kernel of the command. Throws std::runtime_error with one line when it fails, captures no
// kernel, or may not read counters.
std::vector<analysis::NcuKernel> run_ncu(const std::filesystem::path& ncu, const std::vector<std::string>& metrics,
                                         const NsightOptions&);
// The table that run_ncu() leaves below NsightOptions::scratch, until its next run.
std::filesystem::path ncu_log(const std::filesystem::path& scratch);
// Writes nsys's own report, FILE.nsys-rep, and returns its name. Throws std::runtime_error with one line.
std::filesystem::path run_nsys(const std::filesystem::path& nsys, const std::filesystem::path& file,
                               const NsightOptions&);

}  // namespace aisp::app
