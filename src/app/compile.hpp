// Compiles a user's source into a plugin, with the same flags as the variants it will be compared with.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace aisp::app {

struct CompileJob {
  std::filesystem::path source;   // .cpp, .cc, .cxx or .c
  std::filesystem::path include;  // where <aisp/variant.hpp> lies
  std::filesystem::path output;   // the library to write
  std::string target;             // AISP_TARGET of the source
  std::string variant;            // AISP_VARIANT_NAME of the source
  std::string flags;              // of the workload's own variants: "-O3 -fno-math-errno"
};

bool is_source(const std::filesystem::path&);  // by its suffix
// Whether a .cu is left to NVRTC in the worker (kernels.hpp): CUDACXX says nvrtc, or it says nothing and there is no
// nvcc.
bool compiled_at_run_time(const std::filesystem::path& source);

// Returns the whole command that was run. Throws UsageError with the compiler's first error when the source does not
// compile, or when no compiler is found (CXX and CC are tried first, then c++, g++, clang++ and their C twins).
std::string compile(const CompileJob&);

}  // namespace aisp::app
