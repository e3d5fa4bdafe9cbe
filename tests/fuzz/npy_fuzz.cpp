// Any bytes as a .npy file end in an array that is what its shape says, or in one line.
#include "tools/npy.hpp"

#include <cstdlib>
#include <stdexcept>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    const auto array = aisp::tools::parse_npy({reinterpret_cast<const char*>(data), size});
    std::uint64_t count = 1;
    for (const auto n : array.shape) count *= static_cast<std::uint64_t>(n);
    if (count != array.values.size()) std::abort();
  } catch (const std::runtime_error& error) {
    if (std::string_view(error.what()).find('\n') != std::string_view::npos) std::abort();
  }
  return 0;
}
