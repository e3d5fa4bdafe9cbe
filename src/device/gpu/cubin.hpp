// What the compiler made of each kernel: read from the device code that nvcc embeds in a library, so that it says what
// is in the file that runs, needs no GPU and no tool, and cannot be told otherwise by the code itself.
#pragma once

#include "device/cpu/elf.hpp"
#include "model/evidence.hpp"

#include <string>
#include <vector>

namespace aisp::device {

// The kernels of one source file for one architecture.
struct DeviceCode {
  std::string source;  // as the compiler was given it: "../chapters/ch09/softmax/online.cu"; "" = not said
  std::vector<model::CompiledKernel> kernels;
  std::string unreadable;  // why there are none: compressed, or PTX alone
};

// All device code of an ELF library or object, in its order.
std::vector<DeviceCode> device_code(Bytes library);

// The kernels of a source, named by its path in the repository or by its author, for each architecture. A library of a
// single source, and one whose sources are not known by name (`source` is the library itself), are taken whole.
// `why_none` says why there are none, and is empty for a source that compiles no kernel of its own.
std::vector<model::CompiledKernel> compiled_kernels(const std::vector<DeviceCode>&, const std::string& source,
                                                    std::string& why_none);

}  // namespace aisp::device
