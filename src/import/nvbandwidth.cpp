// nvbandwidth: what it prints, and its JSON (--json), as output.cpp, json_output.cpp and inline_common.h of
// github.com/NVIDIA/nvbandwidth write them. Its GB are 10⁹ bytes; each value is the median (--useMean: the mean) of
// --testSamples samples. Several outputs in one text are repetitions.
#include "import/parts.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace aisp::import {
namespace {

// "memcpy CE CPU(row) -> GPU(column) bandwidth (GB/s)": the unit, and of a testcase with several matrices which it is.
struct Description {
  bool latency = false;
  std::string part;  // "first direction", "second direction", "Total", or nothing
};

Description described(int line, std::string_view text) {
  Description d;
  if (text.ends_with("(ns)"))
    d.latency = true;
  else if (!text.ends_with("(GB/s)"))
    bad(line, fmt::format("{} ends neither in (GB/s) nor in (ns)", quoted(text)));
  for (const auto word : words_of(text)) {
    if (word == "Read1" || word == "Write1") d.part = "first direction";
    if (word == "Read2" || word == "Write2") d.part = "second direction";
    if (word == "Total") d.part = "Total";
  }
  return d;
}

void add(Collector& all, int line, const std::string& name, const Description& d, std::string_view row,
         std::string_view column, std::string_view value) {
  if (value == "N/A") return;  // no such pair
  Result r;
  r.name = fmt::format("{}{}{} [{}, {}]", name, d.part.empty() ? "" : " ", d.part, row, column);
  r.quantity = d.latency ? "latency" : "bandwidth";
  r.unit = d.latency ? "s" : "B/s";
  r.lower_is_better = d.latency;
  r.statistic = "median or mean of its samples";
  r.line = line;
  const double number = number_at(line, value, "a cell of the matrix");
  if (!(number > 0)) bad(line, "a cell of the matrix is 0");
  r.values.push_back(number * (d.latency ? 1e-9 : 1e9));
  all.add(std::move(r));
}

// ------------------------------------------------------------------------------------------------------------- text

bool is_title(std::string_view line) { return line.ends_with("(GB/s)") || line.ends_with("(ns)"); }

// Lines from `at` on: the names of the columns, then rows until an empty line. Returns where it ends.
std::size_t add_matrix(Collector& all, const std::vector<Line>& lines, std::size_t at, const std::string& name,
                       const Description& d) {
  if (at == lines.size() || words_of(lines[at].text).empty())
    bad(lines.back().number, "a matrix ends before its columns");
  const auto columns = words_of(lines[at].text);
  for (++at; at < lines.size() && !trimmed(lines[at].text).empty(); ++at) {
    const auto words = words_of(lines[at].text);
    if (words.size() != columns.size() + 1)
      bad(lines[at].number, fmt::format("{} cells where the matrix has {} columns", words.size() - 1, columns.size()));
    for (std::size_t c = 0; c < columns.size(); ++c)
      add(all, lines[at].number, name, d, words[0], columns[c], words[c + 1]);
  }
  return at;
}

}  // namespace

Results parse_nvbandwidth_text(std::string_view text) {
  Collector all("nvbandwidth", "text");
  const auto lines = lines_of(text);
  std::string name;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const auto& [number, line] = lines[i];
    if (line.starts_with("nvbandwidth Version:")) {
      all.begin_run();
      name.clear();
    } else if (line.starts_with("Running ") && line.ends_with('.')) {
      name = std::string(line.substr(8, line.size() - 9));
    } else if (is_title(line)) {
      if (name.empty()) bad(number, "a matrix without a line 'Running …' above it");
      i = add_matrix(all, lines, i + 1, name, described(number, line));
      if (i == lines.size()) break;
    } else if (line.starts_with("Waived") || line.starts_with("ERROR") || line.starts_with("Error")) {
      all.note(fmt::format("{}: {}", name, trimmed(line)));
    }
  }
  return all.take();
}

Results parse_nvbandwidth_json(const JsonValue& document) {
  Collector all("nvbandwidth", "JSON");
  const auto& root = member(document, "nvbandwidth", JsonValue::Type::object);
  if (const auto* error = root.find("error"); error && error->is(JsonValue::Type::string))
    all.note("error: " + error->text);
  for (const auto& testcase : member(root, "testcases", JsonValue::Type::array).items) {
    const auto& name = text_member(testcase, "name");
    const auto& status = text_member(testcase, "status");
    const auto* matrix = testcase.find("bandwidth_matrix");
    if (status != "Passed" || !matrix) {
      all.note(fmt::format("{}: {}", name, status));
      continue;
    }
    const auto& rows = member(testcase, "bandwidth_matrix", JsonValue::Type::array).items;
    auto d = described(testcase.line, text_member(testcase, "bandwidth_description"));
    // A testcase with a matrix for each direction and one for their sum appends all three to one list of rows.
    const bool three = d.part == "Total";
    if (three && rows.size() % 3) bad(matrix->line, "three matrices in one whose rows do not divide by three");
    const std::size_t each = three ? rows.size() / 3 : rows.size();
    for (std::size_t r = 0; r < rows.size(); ++r) {
      if (!rows[r].is(JsonValue::Type::array) || rows[r].items.size() != rows[0].items.size())
        bad(rows[r].line, "a row of the matrix has another length");
      constexpr const char* kParts[] = {"first direction", "second direction", "Total"};
      if (three) d.part = kParts[r / each];
      for (std::size_t c = 0; c < rows[r].items.size(); ++c) {
        const auto& cell = rows[r].items[c];
        if (!cell.is(JsonValue::Type::string))
          bad(cell.line, fmt::format("a cell of the matrix is {}; it must be a string", cell.describe()));
        add(all, cell.line, name, d, std::to_string(r % each), std::to_string(c), cell.text);
      }
    }
  }
  return all.take();
}

}  // namespace aisp::import
