// Any bytes as a library with device code: nothing beyond them is read, and no count is negative.
#include "device/gpu/cubin.hpp"

#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  for (const auto& unit : aisp::device::device_code({reinterpret_cast<const std::byte*>(data), size}))
    for (const auto& k : unit.kernels)
      if (k.registers < 0 || k.shared_bytes < 0 || k.stack_bytes < 0 || k.spill_store_bytes < 0 ||
          k.local_load_bytes < 0)
        std::abort();
  return 0;
}
