#include "device/cpu/symbols.hpp"

#include "device/cpu/elf.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace aisp::device {

std::vector<Symbol> elf_functions(std::span<const std::byte> file) {
  const auto header = at<Elf64_Ehdr>(file, 0);
  if (!header || std::memcmp(header->e_ident, ELFMAG, SELFMAG) != 0 || header->e_ident[EI_CLASS] != ELFCLASS64)
    return {};
  std::vector<Elf64_Phdr> segments;
  for (std::uint64_t i = 0; i < header->e_phnum; ++i)
    if (const auto s = at<Elf64_Phdr>(file, header->e_phoff + i * sizeof(Elf64_Phdr)); s && s->p_type == PT_LOAD)
      segments.push_back(*s);
  const auto section = [&](std::uint64_t i) { return at<Elf64_Shdr>(file, header->e_shoff + i * sizeof(Elf64_Shdr)); };
  std::vector<Symbol> symbols;
  for (std::uint64_t i = 0; i < header->e_shnum; ++i) {
    const auto table = section(i);
    if (!table || (table->sh_type != SHT_SYMTAB && table->sh_type != SHT_DYNSYM)) continue;
    const auto strings = section(table->sh_link);
    if (!strings || strings->sh_offset > file.size()) continue;
    for (std::uint64_t n = 0; n < table->sh_size / sizeof(Elf64_Sym); ++n) {
      const auto symbol = at<Elf64_Sym>(file, table->sh_offset + n * sizeof(Elf64_Sym));
      if (!symbol) break;
      const auto type = ELF64_ST_TYPE(symbol->st_info);
      if ((type != STT_FUNC && type != STT_GNU_IFUNC) || symbol->st_shndx == SHN_UNDEF) continue;
      for (const auto& s : segments) {
        if (symbol->st_value < s.p_vaddr || symbol->st_value - s.p_vaddr >= s.p_filesz) continue;
        symbols.push_back({symbol->st_value - s.p_vaddr + s.p_offset, symbol->st_size,
                           text_at(file, strings->sh_offset + symbol->st_name)});
      }
    }
  }
  std::stable_sort(symbols.begin(), symbols.end(),
                   [](const Symbol& a, const Symbol& b) { return a.offset < b.offset; });
  return symbols;
}

Symbols::Symbols(int pid) {
  std::ifstream maps("/proc/" + std::to_string(pid) + "/maps");
  for (std::string line; std::getline(maps, line);) {
    std::istringstream fields(line);
    Mapping m;
    std::string rights, device, inode;
    char dash = 0;
    fields >> std::hex >> m.begin >> dash >> m.end >> rights >> m.offset >> device >> inode >> std::ws;
    std::getline(fields, m.path);
    if (rights.size() > 2 && rights[2] == 'x') mappings_.push_back(std::move(m));
  }
}

const std::vector<Symbol>& Symbols::functions(const std::string& path) {
  const auto known = files_.find(path);
  if (known != files_.end()) return known->second;
  return files_.emplace(path, elf_functions(content_of(path))).first->second;
}

Place Symbols::find(std::uint64_t address) {
  for (const auto& m : mappings_) {
    if (address < m.begin || address >= m.end) continue;
    if (m.path.empty() || m.path.front() != '/') return {m.path, ""};
    Place place{std::filesystem::path(m.path).filename().string(), ""};
    const auto offset = address - m.begin + m.offset;
    const auto& all = functions(m.path);
    auto after =
        std::upper_bound(all.begin(), all.end(), offset, [](std::uint64_t o, const Symbol& s) { return o < s.offset; });
    if (after != all.begin()) {
      const auto& s = *--after;
      if (s.size == 0 || offset - s.offset < s.size) place.function = demangled(s.name);
    }
    return place;
  }
  return {};
}

}  // namespace aisp::device
