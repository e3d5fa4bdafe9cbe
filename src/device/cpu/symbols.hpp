// Names for addresses of another process: its mappings, and the symbol tables of the files behind them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

namespace aisp::device {

struct Symbol {
  std::uint64_t offset = 0, size = 0;  // within the file; size 0 = up to the next one
  std::string name;                    // as the linker knows it
};

// The functions of an ELF64 file of this machine's byte order, by offset. Whatever the bytes are, nothing beyond them
// is read; what makes no sense yields no symbols.
std::vector<Symbol> elf_functions(std::span<const std::byte> file);

struct Place {
  std::string file;      // "ch09.so"; "" = not mapped from a file
  std::string function;  // demangled; "" = not known
};

// The mappings as they are when it is made.
class Symbols {
 public:
  explicit Symbols(int pid);
  Place find(std::uint64_t address);

 private:
  struct Mapping {
    std::uint64_t begin = 0, end = 0, offset = 0;
    std::string path;
  };
  const std::vector<Symbol>& functions(const std::string& path);

  std::vector<Mapping> mappings_;  // executable ones, ascending
  std::map<std::string, std::vector<Symbol>> files_;
};

}  // namespace aisp::device
