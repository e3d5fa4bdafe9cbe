// A user's .cu that holds kernels alone (<aisp/kernel.cuh>): what NVRTC needs to compile it in a worker is laid out
// here. The source itself is only copied: it meets no compiler outside of the sandbox.
#pragma once

#include "judge/judge.hpp"

#include <filesystem>
#include <string>

namespace aisp::app {

struct KernelsJob {
  std::filesystem::path source;   // as the user named it
  std::filesystem::path plugin;   // nvrtc.so
  std::filesystem::path include;  // where <aisp/kernel.cuh> lies
  std::filesystem::path output;   // the plugin's copy to write: X.so; everything else goes beside it
  std::string flags;              // of the workload's own variants: "-O3 -lineinfo … sm_90a"
};

// A contestant without a name. Throws UsageError when the source declares no kernel, when there is no libnvrtc, or when
// it is too old for the architecture.
judge::Contestant place_kernels(const KernelsJob&);

// Compiles them in a sandboxed worker, which needs no GPU, for the workload's tensors. Throws UsageError with the first
// error; `scratch` is the worker's.
void require_compiles(const judge::Contestant& kernels, const Problem&, const judge::Settings&,
                      const std::filesystem::path& scratch);

}  // namespace aisp::app
