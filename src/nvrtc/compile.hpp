// Compiles a source of kernels alone (<aisp/kernel.cuh>) to machine code. Hostile sources are compiled in the worker
// only.
#pragma once

#include <aisp/plugin.h>

#include "nvrtc/library.hpp"

#include <string>
#include <vector>

namespace aisp::nvrtc {

struct CompileError : Error {  // FILE:LINE, and the first error
  using Error::Error;
};

struct Source {
  std::string name;  // in messages
  std::string text;
  std::string checks;  // <aisp/workload_checks.h>
  std::vector<std::string> options;
};

struct Binary {
  std::string image;                 // cubin
  std::vector<std::string> kernels;  // their names in it, in the order in which they run
};
inline constexpr const char* kLaunches = "aisp_launches";  // the kernel that says how the others are launched
inline constexpr int kMaxKernels = 8;

// Throws CompileError, or Error when NVRTC itself fails.
Binary compile(const Library&, const Source&);

// The text of <aisp/workload_checks.h>: static assertions that the kernels' arguments are the workload's tensors.
std::string workload_checks(const aisp_setup&);

}  // namespace aisp::nvrtc
