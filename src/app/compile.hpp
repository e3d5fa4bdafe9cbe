// Compiles a user's source into a plugin, with the same flags as the variants it will be compared with.
#pragma once

#include "model/evidence.hpp"

#include <atomic>
#include <filesystem>
#include <string>
#include <vector>

namespace aisp::app {

struct CompileJob {
  std::filesystem::path source;   // .cu, .cpp, .cc, .cxx or .c, as the user named it
  std::filesystem::path include;  // where <aisp/variant.hpp> lies
  std::filesystem::path output;   // the library to write, in a folder of its own
  std::string target;             // AISP_TARGET of the source
  std::string variant;            // AISP_VARIANT_NAME of the source
  std::string flags;              // of the workload's own variants: "-O3 -fno-math-errno"
  std::string more_flags;         // the user's own
  const std::atomic<bool>* interrupted = nullptr;
};

struct Compiled {
  std::string command;                               // the whole of it
  std::vector<model::SourceSwitch> source_switches;  // that the source sets for itself
  std::vector<std::string> unconfined;               // what the compiler's sandbox lacked, each with the reason
};

bool is_source(const std::filesystem::path&);  // by its suffix
// Whether a .cu is left to NVRTC in the worker (kernels.hpp): CUDACXX says nvrtc, or it says nothing and there is no
// nvcc.
bool compiled_at_run_time(const std::filesystem::path& source);

// The compiler runs in the sandbox: it sees the system's programs, headers and libraries, `include` and the folder of
// the source, and writes beside `output` alone. Where that folder is the user's home, a folder above it or one that
// everybody writes to, the source alone is seen. What the compiler makes into the library is the text in which its own
// switches were looked for.
//
// Throws UsageError with the compiler's first error when the source does not compile, or when no compiler is found (CXX
// and CC are tried first, then c++, g++, clang++ and their C twins); judge::Interrupted when the user asked to stop.
Compiled compile(const CompileJob&);

}  // namespace aisp::app
