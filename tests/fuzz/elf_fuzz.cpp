// Any bytes as an ELF file: nothing beyond them is read, and symbols come in order.
#include "device/cpu/elf.hpp"
#include "device/cpu/symbols.hpp"

#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const aisp::device::Bytes file{reinterpret_cast<const std::byte*>(data), size};
  const auto symbols = aisp::device::elf_functions(file);
  for (std::size_t i = 1; i < symbols.size(); ++i)
    if (symbols[i].offset < symbols[i - 1].offset) std::abort();
  aisp::device::linkage_of(file);
  return 0;
}
