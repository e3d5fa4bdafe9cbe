// Reading ELF64 files whose bytes nobody vouches for: every access is checked, what is not there reads as nothing.
#pragma once

#include <elf.h>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace aisp::device {

using Bytes = std::span<const std::byte>;

// A structure at an offset, when all of it is there.
template <class T> std::optional<T> at(Bytes file, std::uint64_t offset) {
  if (offset > file.size() || file.size() - offset < sizeof(T)) return std::nullopt;
  T value;
  std::memcpy(&value, file.data() + offset, sizeof value);
  return value;
}

// `size` bytes at an offset, or none when they are not all there.
Bytes part(Bytes file, std::uint64_t offset, std::uint64_t size);

// Text up to its zero; "" when there is none within reach.
std::string text_at(Bytes file, std::uint64_t offset);

struct Section {
  std::string name;
  Elf64_Shdr header{};
  Bytes bytes;  // none for a section that takes no room in the file
};
// The sections of an ELF64 file; none when it is not one.
std::vector<Section> elf_sections(Bytes file);

// The libraries that a shared library needs, and the folders that it names for them, as they stand in the file:
// {"libhelper.so"}, {"$ORIGIN"}. Empty for what is no shared library.
struct Linkage {
  std::vector<std::string> needed, folders;
};
Linkage linkage_of(Bytes file);

// A linker's name as the source spells it.
std::string demangled(const std::string& name);
// The same without the return type and the parameters: "void scale<float>(float const*, long)" is "scale<float>".
std::string function_name(const std::string& name);

// All bytes of a regular file of at most 1 GiB; none when it cannot be read.
std::vector<std::byte> content_of(const std::string& path);

}  // namespace aisp::device
