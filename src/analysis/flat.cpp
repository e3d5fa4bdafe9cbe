#include "analysis/flat.hpp"

#include "model/text.hpp"

#include <fmt/format.h>

#include <cmath>
#include <string_view>

namespace aisp::analysis {
namespace {

std::string number(double x) { return std::isfinite(x) && x > 0 ? fmt::format("{:.6g}", x) : ""; }

// The text of a plugin or file that a spreadsheet would take for a formula is made plain by a quote.
std::string csv_cell(std::string text) {
  if (!text.empty() && std::string_view("=+-@").find(text.front()) != std::string_view::npos) text.insert(0, "'");
  if (text.find_first_of(",\"") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char c : text) quoted += c == '"' ? "\"\"" : std::string(1, c);
  return quoted + '"';
}

}  // namespace

Cells flat_header() {
  return {"run",  "started", "target",  "device",      "scale",        "variant",
          "peer", "verdict", "speedup", "speedup_low", "speedup_high", "median_seconds",
          "sol",  "bound",   "pairs",   "correct",     "publishable"};
}

std::vector<Cells> flat_rows(const record::StoredRun& run) {
  std::vector<Cells> rows;
  for (const auto& t : run.targets) {
    for (const auto& v : t.variants) {
      const bool baseline = &v == &t.variants.front();
      const auto word = baseline ? "baseline" : v.speedup > 0 ? model::to_string(v.word) : "withheld";
      rows.push_back({run.run, t.started, t.target, t.device, t.scale, v.name, v.peer ? "yes" : "no", word,
                      number(v.speedup), number(v.speedup_interval.lo), number(v.speedup_interval.hi),
                      number(v.median_seconds), number(v.sol), v.bound, v.pairs ? fmt::format("{}", v.pairs) : "",
                      v.correct ? "yes" : "no", t.publishable && run.publishable ? "yes" : "no"});
    }
  }
  return rows;
}

std::string csv_line(const Cells& cells) {
  std::string line;
  for (const auto& cell : cells) line += (&cell == &cells.front() ? "" : ",") + csv_cell(model::printable(cell));
  return line + "\n";
}

std::string flat_markdown(std::vector<Cells> rows) {
  for (auto& row : rows)
    for (auto& cell : row) cell = markdown_escaped(cell);
  return markdown_table(flat_header(), rows, "llllllllrrrrrlrll");
}

}  // namespace aisp::analysis
