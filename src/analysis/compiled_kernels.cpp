#include "analysis/compiled_kernels.hpp"

#include "analysis/table.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace aisp::analysis {
namespace {

constexpr std::string_view kReason = "// Spills: ";
constexpr std::size_t kNameWidth = 70;

std::string bytes(std::int64_t n) { return n ? format_bytes(static_cast<double>(n)) : "–"; }
std::string moved(std::int64_t stored, std::int64_t loaded) {
  return stored || loaded ? fmt::format("{} B / {} B", stored, loaded) : "–";
}

}  // namespace

bool spills(const model::CompiledKernel& k) { return k.spill_store_bytes > 0 || k.spill_load_bytes > 0; }

Cells compiled_header(const std::string& kernels) {
  return {kernels, "arch", "registers", "static shared", "stack", "spills", "local arrays"};
}

Cells compiled_row(const model::CompiledKernel& k) {
  const auto name = k.name.size() > kNameWidth ? k.name.substr(0, kNameWidth) + "…" : k.name;
  return {name + (k.kernel ? "" : " (function)"),
          k.arch,
          std::to_string(k.registers),
          bytes(k.shared_bytes),
          bytes(k.stack_bytes),
          moved(k.spill_store_bytes, k.spill_load_bytes),
          moved(k.local_store_bytes, k.local_load_bytes)};
}

Table compiled_table(const std::string& title, const std::vector<model::CompiledKernel>& kernels) {
  Table table{compiled_header(title), {}, "llrrrrr"};
  for (const auto& k : kernels) table.rows.push_back(compiled_row(k));
  return table;
}

std::string spill_reason(std::string_view source) {
  for (std::size_t begin = 0; begin < source.size();) {
    const auto end = std::min(source.find('\n', begin), source.size());
    const auto line = source.substr(begin, end - begin);
    if (line.starts_with(kReason) && line.find_first_not_of(" \t\r", kReason.size()) != std::string_view::npos)
      return std::string(line.substr(kReason.size()));
    begin = end + 1;
  }
  return {};
}

std::string spill_fault(const std::vector<model::CompiledKernel>& kernels, std::string_view source) {
  const auto worst = std::max_element(kernels.begin(), kernels.end(), [](const auto& a, const auto& b) {
    return a.spill_store_bytes + a.spill_load_bytes < b.spill_store_bytes + b.spill_load_bytes;
  });
  const bool any = worst != kernels.end() && spills(*worst);
  const bool explained = !spill_reason(source).empty();
  if (any && !explained)
    return fmt::format("{} spills ({} B stored, {} B loaded, {}); mend it, or say why in a line '{}…' of its source",
                       worst->name, worst->spill_store_bytes, worst->spill_load_bytes, worst->arch, kReason);
  if (!any && explained && !kernels.empty())
    return fmt::format("its source has a line '{}…', but no kernel of it spills", kReason);
  return {};
}

}  // namespace aisp::analysis
