// Formats: the fatbinary container (fatbinary_section.h of the toolkit names its magic number; the rest of its header
// is what nvcc writes), ELF, and the attributes of .nv.info sections by the numbers that cuobjdump prints names for.
// None of this is specified by NVIDIA: tests/unit/cubin_test.cpp holds it against what ptxas -v says of the same
// kernels.
#include "device/gpu/cubin.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <string_view>

namespace aisp::device {
namespace {

constexpr std::size_t kMaxUnits = 4096;

struct FatHeader {
  std::uint32_t magic;
  std::uint16_t version, header_bytes;
  std::uint64_t bytes;  // of the entries after it
};
struct FatEntry {
  std::uint16_t kind, version;
  std::uint32_t header_bytes;
  std::uint64_t bytes;  // of the code after it
  std::uint32_t compressed_bytes, options;
  std::uint16_t minor, major;
  std::uint32_t arch, name_offset, name_bytes;  // the offset is from the entry's beginning
};
constexpr std::uint32_t kFatMagic = 0xba55ed50;
constexpr std::uint16_t kPtx = 1, kElf = 2;

// .nv.info: a format, an attribute and 16 bits, which are the size of what follows when the format is kSized.
constexpr std::uint8_t kSized = 4;
constexpr std::uint8_t kFrameSize = 0x11, kMinStackSize = 0x12, kRegisterCount = 0x2f;  // (symbol, value)
constexpr std::uint8_t kAnnotations = 0x55;                                             // (what, offset of instruction)
constexpr std::uint32_t kSpill = 1;
constexpr std::uint8_t kEntry = 0x10;  // st_other of a kernel, unlike a function that kernels call

constexpr std::uint64_t kInstructionBytes = 16;  // since sm_70
constexpr std::uint64_t kStoreLocal = 0x387, kLoadLocal = 0x983;

std::int64_t access_bytes(std::uint64_t high) {
  constexpr std::int64_t kBytes[] = {1, 1, 2, 2, 4, 8, 16, 0};
  return kBytes[high >> 9 & 7];
}

template <class Visit> void for_attributes(Bytes info, Visit visit) {
  for (std::uint64_t i = 0; i + 4 <= info.size();) {
    const auto format = std::to_integer<std::uint8_t>(info[i]), attribute = std::to_integer<std::uint8_t>(info[i + 1]);
    const auto value = at<std::uint16_t>(info, i + 2).value_or(0);
    i += 4;
    if (format != kSized) continue;
    visit(attribute, part(info, i, value));
    i += value;
  }
}

// "sm_90a": what ptxas notes of its command line, because the container has the number alone.
std::string architecture(const std::vector<Section>& sections, std::uint32_t number) {
  const auto name = "sm_" + std::to_string(number);
  for (const auto& s : sections) {
    if (s.name != ".note.nv.tkinfo") continue;
    const std::string_view text(reinterpret_cast<const char*>(s.bytes.data()), s.bytes.size());
    const auto found = text.find("-arch " + name);
    if (found == std::string_view::npos) continue;
    const auto suffix = text.substr(found + 6 + name.size(), 1);
    return suffix == "a" || suffix == "f" ? name + std::string(suffix) : name;
  }
  return name;
}

// Loads and stores of local memory in a kernel's instructions: those that move registers out of the way, and the
// others, which are arrays that cannot live in registers.
void count_local(Bytes code, const std::set<std::uint32_t>& spills, model::CompiledKernel& k) {
  for (std::uint64_t i = 0; i + kInstructionBytes <= code.size(); i += kInstructionBytes) {
    const auto operation = at<std::uint64_t>(code, i).value_or(0) & 0xfff;
    if (operation != kStoreLocal && operation != kLoadLocal) continue;
    const auto bytes = access_bytes(at<std::uint64_t>(code, i + 8).value_or(0));
    const bool spill = spills.contains(static_cast<std::uint32_t>(i));
    if (operation == kStoreLocal)
      (spill ? k.spill_store_bytes : k.local_store_bytes) += bytes;
    else
      (spill ? k.spill_load_bytes : k.local_load_bytes) += bytes;
  }
}

struct Function {
  std::string name;
  bool kernel = false;
  std::int64_t registers = 0, frame = 0, stack = 0;
};

// By index of the symbol table, which is how attributes name them.
std::map<std::uint32_t, Function> functions_of(const std::vector<Section>& sections) {
  std::map<std::uint32_t, Function> functions;
  for (const auto& table : sections) {
    if (table.header.sh_type != SHT_SYMTAB || table.header.sh_link >= sections.size()) continue;
    const auto names = sections[table.header.sh_link].bytes;
    for (std::uint32_t i = 0; i < table.bytes.size() / sizeof(Elf64_Sym); ++i) {
      const auto symbol = at<Elf64_Sym>(table.bytes, i * sizeof(Elf64_Sym));
      if (symbol && ELF64_ST_TYPE(symbol->st_info) == STT_FUNC)
        functions[i] = {text_at(names, symbol->st_name), (symbol->st_other & kEntry) != 0};
    }
  }
  for (const auto& s : sections) {
    if (s.name != ".nv.info") continue;
    for_attributes(s.bytes, [&](std::uint8_t attribute, Bytes value) {
      const auto symbol = at<std::uint32_t>(value, 0), amount = at<std::uint32_t>(value, 4);
      const auto f = symbol ? functions.find(*symbol) : functions.end();
      if (f == functions.end() || !amount) return;
      if (attribute == kRegisterCount) f->second.registers = *amount;
      if (attribute == kFrameSize) f->second.frame = *amount;
      if (attribute == kMinStackSize) f->second.stack = *amount;
    });
  }
  return functions;
}

// Since sm_90 a section of shared memory begins with what the system keeps for itself.
std::int64_t own_shared_bytes(const Section& shared, std::uint32_t arch_number) {
  constexpr std::uint64_t kSystem = 1024, kMost = std::uint64_t{1} << 30;
  const auto bytes = std::min<std::uint64_t>(shared.header.sh_size, kMost);
  return static_cast<std::int64_t>(arch_number >= 90 && bytes >= kSystem ? bytes - kSystem : bytes);
}

// `budget` is how many bytes of instructions and attributes may yet be read: a file may name the same ones many times.
std::vector<model::CompiledKernel> kernels_of(const std::vector<Section>& sections, std::uint32_t arch_number,
                                              std::uint64_t& budget) {
  const auto arch = architecture(sections, arch_number);
  std::map<std::string_view, const Section*> by_name;
  for (const auto& s : sections) by_name.emplace(s.name, &s);
  const auto find = [&](const std::string& name) {
    const auto found = by_name.find(name);
    return found == by_name.end() ? nullptr : found->second;
  };
  std::vector<model::CompiledKernel> kernels;
  for (const auto& [index, f] : functions_of(sections)) {
    const auto* text = find(".text." + f.name);
    const auto* info = find(".nv.info." + f.name);
    if (!text) continue;
    const auto cost = text->bytes.size() + (info ? info->bytes.size() : 0) + sizeof(Elf64_Sym);
    if (cost > budget) break;
    budget -= cost;
    model::CompiledKernel k;
    k.name = function_name(f.name);
    k.arch = arch;
    k.kernel = f.kernel;
    k.registers = f.registers;
    k.stack_bytes = std::max(f.frame, f.stack);
    if (const auto* shared = find(".nv.shared." + f.name)) k.shared_bytes = own_shared_bytes(*shared, arch_number);
    for (const char bank : {'0', '2', '3', '4'})
      if (const auto* constants = find(std::string(".nv.constant") + bank + "." + f.name))
        k.constant_bytes += static_cast<std::int64_t>(constants->bytes.size());
    std::set<std::uint32_t> spills;
    if (info)
      for_attributes(info->bytes, [&](std::uint8_t attribute, Bytes pairs) {
        if (attribute != kAnnotations) return;
        for (std::uint64_t i = 0; i + 8 <= pairs.size(); i += 8)
          if (at<std::uint32_t>(pairs, i) == kSpill) spills.insert(at<std::uint32_t>(pairs, i + 4).value_or(0));
      });
    count_local(text->bytes, spills, k);
    if (f.kernel || k.spill_store_bytes + k.spill_load_bytes > 0) kernels.push_back(std::move(k));
  }
  return kernels;
}

// The entries of one container.
void read_container(Bytes container, std::uint64_t& budget, std::vector<DeviceCode>& into) {
  for (std::uint64_t i = 0; const auto entry = at<FatEntry>(container, i);) {
    if (entry->header_bytes < sizeof(FatEntry) - 4 || entry->bytes == 0) return;
    const auto whole = part(container, i, entry->header_bytes);
    const auto code = part(container, i + entry->header_bytes, entry->bytes);
    if (whole.empty() || code.empty()) return;
    DeviceCode unit;
    unit.source = text_at(whole, entry->name_offset).substr(0, entry->name_bytes);
    const auto sections = entry->kind == kElf ? elf_sections(code) : std::vector<Section>();
    if (entry->kind == kElf && sections.empty())
      unit.unreadable = "its device code is compressed (nvcc --no-compress, or -lineinfo, keeps it readable)";
    else if (entry->kind == kElf)
      unit.kernels = kernels_of(sections, entry->arch, budget);
    else if (entry->kind == kPtx)
      unit.unreadable = "it holds PTX, which the driver compiles when it is loaded";
    into.push_back(std::move(unit));
    if (into.size() == kMaxUnits) return;
    i += entry->header_bytes + entry->bytes;
  }
}

}  // namespace

std::vector<DeviceCode> device_code(Bytes library) {
  std::vector<DeviceCode> units;
  std::uint64_t budget = library.size();
  for (const auto& s : elf_sections(library)) {
    if (s.name != ".nv_fatbin" && s.name != "__nv_relfatbin") continue;
    for (std::uint64_t i = 0; const auto header = at<FatHeader>(s.bytes, i);) {
      if (header->magic != kFatMagic) {  // containers are aligned to 8 bytes
        i += 8;
        continue;
      }
      const auto container = part(s.bytes, i + header->header_bytes, header->bytes);
      if (container.empty()) break;
      read_container(container, budget, units);
      i = (i + header->header_bytes + header->bytes + 7) / 8 * 8;
    }
  }
  return units;
}

std::vector<model::CompiledKernel> compiled_kernels(const std::vector<DeviceCode>& units, const std::string& source,
                                                    std::string& why_none) {
  const auto is = [&](const DeviceCode& u) {
    return u.source == source || (u.source.size() > source.size() && u.source.ends_with(source) &&
                                  u.source.end()[-1 - std::ssize(source)] == '/');
  };
  const bool named = std::any_of(units.begin(), units.end(), is);
  const bool one = std::all_of(units.begin(), units.end(), [&](const auto& u) { return u.source == units[0].source; });
  std::vector<model::CompiledKernel> kernels;
  why_none = units.empty()                             ? "its library holds no device code"
             : named || one || source.ends_with(".so") ? ""
                                                       : "its library names no device code after " + source;
  if (!why_none.empty()) return kernels;
  for (const auto& u : units) {
    if (named && !is(u)) continue;
    kernels.insert(kernels.end(), u.kernels.begin(), u.kernels.end());
    if (!u.unreadable.empty()) why_none = u.unreadable;
  }
  if (!kernels.empty()) why_none.clear();
  return kernels;
}

}  // namespace aisp::device
