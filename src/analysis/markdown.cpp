#include "analysis/markdown.hpp"

#include "model/text.hpp"

#include <fmt/format.h>

namespace aisp::analysis {
namespace {

std::string table_line(const Cells& cells) { return fmt::format("| {} |\n", fmt::join(cells, " | ")); }

}  // namespace

std::string markdown_escaped(std::string_view text, std::size_t limit) {
  std::string out;
  for (char c : model::printable(text, limit)) {
    if (std::string_view("\\`*[]<>|#~").find(c) != std::string_view::npos) out += '\\';
    out += c;
  }
  return out;
}

std::string markdown_table(const Cells& header, const std::vector<Cells>& rows, std::string_view alignment) {
  auto out = table_line(header);
  Cells rule;
  for (char a : alignment) rule.push_back(a == 'r' ? "---:" : "---");
  out += table_line(rule);
  for (const auto& row : rows) out += table_line(row);
  return out + "\n";
}

}  // namespace aisp::analysis
