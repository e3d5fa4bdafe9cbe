#include "device/cpu/elf.hpp"

#include <cxxabi.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>
#include <string_view>

namespace aisp::device {
namespace {

constexpr std::uintmax_t kMaxFile = std::uintmax_t{1} << 30;
constexpr std::size_t kMaxName = 4096;
constexpr std::uint64_t kMostDynamic = 4096;  // entries that are read

}  // namespace

Bytes part(Bytes file, std::uint64_t offset, std::uint64_t size) {
  if (offset > file.size() || size > file.size() - offset) return {};
  return file.subspan(offset, size);
}

std::string text_at(Bytes file, std::uint64_t offset) {
  std::string text;
  for (; offset < file.size() && text.size() < kMaxName; ++offset) {
    const auto c = static_cast<char>(file[offset]);
    if (c == '\0') return text;
    text += c;
  }
  return {};
}

std::vector<Section> elf_sections(Bytes file) {
  const auto header = at<Elf64_Ehdr>(file, 0);
  if (!header || std::memcmp(header->e_ident, ELFMAG, SELFMAG) != 0 || header->e_ident[EI_CLASS] != ELFCLASS64)
    return {};
  std::vector<Section> sections;
  for (std::uint64_t i = 0; i < header->e_shnum; ++i) {
    const auto s = at<Elf64_Shdr>(file, header->e_shoff + i * sizeof(Elf64_Shdr));
    if (!s) break;
    sections.push_back({"", *s, s->sh_type == SHT_NOBITS ? Bytes{} : part(file, s->sh_offset, s->sh_size)});
  }
  if (header->e_shstrndx < sections.size()) {
    const auto names = sections[header->e_shstrndx].bytes;
    for (auto& s : sections) s.name = text_at(names, s.header.sh_name);
  }
  return sections;
}

Linkage linkage_of(Bytes file) {
  Linkage linkage;
  const auto header = at<Elf64_Ehdr>(file, 0);
  if (!header || header->e_type != ET_DYN) return linkage;
  const auto sections = elf_sections(file);
  for (const auto& s : sections) {
    if (s.header.sh_type != SHT_DYNAMIC || s.header.sh_link >= sections.size()) continue;
    const auto names = sections[s.header.sh_link].bytes;
    for (std::uint64_t i = 0; i < kMostDynamic; ++i) {
      const auto entry = at<Elf64_Dyn>(s.bytes, i * sizeof(Elf64_Dyn));
      if (!entry || entry->d_tag == DT_NULL) break;
      if (entry->d_tag == DT_NEEDED) linkage.needed.push_back(text_at(names, entry->d_un.d_val));
      if (entry->d_tag != DT_RPATH && entry->d_tag != DT_RUNPATH) continue;
      std::istringstream folders(text_at(names, entry->d_un.d_val));
      for (std::string folder; std::getline(folders, folder, ':');) linkage.folders.push_back(folder);
    }
  }
  return linkage;
}

std::string demangled(const std::string& name) {
  int status = 0;
  const std::unique_ptr<char, decltype(&std::free)> text(abi::__cxa_demangle(name.c_str(), nullptr, nullptr, &status),
                                                         &std::free);
  return status == 0 && text ? text.get() : name;
}

std::string function_name(const std::string& name) {
  // In relocatable device code nvcc makes static functions unique: "__nv_static_41__…_scale_cu_…__Z5scalePf".
  const auto unique = name.starts_with("__nv_static_") ? name.find("__Z") : std::string::npos;
  const auto readable = demangled(unique == std::string::npos ? name : name.substr(unique + 1));
  std::string_view text = readable;
  int depth = 0;
  for (auto i = text.size(); i-- > 0;) {  // the last parenthesis that opens at depth 0 begins the parameters
    if (text[i] == ')') ++depth;
    if (text[i] == '(' && --depth == 0) {
      text = text.substr(0, i);
      break;
    }
  }
  if (text.starts_with("void ")) text.remove_prefix(5);
  return std::string(text);
}

std::vector<std::byte> content_of(const std::string& path) {
  std::error_code error;
  if (!std::filesystem::is_regular_file(path, error)) return {};
  const auto size = std::filesystem::file_size(path, error);
  if (error || size > kMaxFile) return {};
  std::vector<std::byte> bytes(size);
  std::ifstream in(path, std::ios::binary);
  in.read(reinterpret_cast<char*>(bytes.data()), static_cast<std::streamsize>(size));
  return in ? bytes : std::vector<std::byte>{};
}

}  // namespace aisp::device
