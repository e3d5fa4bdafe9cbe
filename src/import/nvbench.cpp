// nvbench: its JSON (--json, file version 1), its CSV (--csv) and the Markdown that it prints, as json_printer.cu,
// csv_printer.cu and markdown_printer.cu of github.com/NVIDIA/nvbench write them. Each value is the mean of calls in
// one process; neither form holds repetitions.
#include "import/parts.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

namespace aisp::import {
namespace {

// What is read of a benchmark's state; the same names in every form.
struct State {
  std::string name;
  int line = 0;
  std::string samples;  // of the isolated calls
};

Result result_of(const State& state, std::string quantity, double value, const std::string& samples) {
  Result r;
  r.name = state.name;
  r.quantity = std::move(quantity);
  r.unit = "s";
  r.values.push_back(value);
  r.statistic = samples.empty() ? "mean of its calls" : fmt::format("mean of {} calls", samples);
  r.line = state.line;
  return r;
}

Result bandwidth_of(const State& state, double value) {
  auto r = result_of(state, "memory bandwidth", value, state.samples);
  r.unit = "B/s";
  r.lower_is_better = false;
  r.derived = true;
  return r;
}

void add_failed(Collector& all, const State& state, const std::string& why) {
  Result r;
  r.name = state.name;
  r.quantity = "GPU time";
  r.unit = "s";
  r.failed = why;
  r.line = state.line;
  all.add(std::move(r));
}

// ------------------------------------------------------------------------------------------------------------- JSON

// Values are strings, so that 64-bit integers survive.
std::string value_text(const JsonValue& summary) {
  const auto* data = summary.find("data");
  if (!data) return "";
  for (const auto& entry : data->items)
    if (const auto* name = entry.find("name"); name && name->text == "value")
      if (const auto* value = entry.find("value")) return value->text;
  return "";
}

std::string axes_text(const JsonValue& state) {
  std::string text;
  const auto* axes = state.find("axis_values");
  if (!axes || axes->is(JsonValue::Type::null)) return text;
  for (const auto& axis : member(state, "axis_values", JsonValue::Type::array).items)
    text += fmt::format(" {}={}", text_member(axis, "name"), text_member(axis, "value"));
  return text;
}

void add_state(Collector& all, const JsonValue& value, const std::string& benchmark, bool several_devices) {
  State state{benchmark + axes_text(value), value.line, ""};
  const auto* device = value.find("device");
  if (several_devices && device && device->whole()) state.name += fmt::format(" device {}", *device->whole());
  if (const auto* skipped = value.find("is_skipped"); skipped && skipped->truth)
    return add_failed(all, state, "skipped: " + (value.find("skip_reason") ? text_member(value, "skip_reason") : ""));
  std::map<std::string, std::pair<std::string, int>, std::less<>> summaries;
  for (const auto& summary : member(value, "summaries", JsonValue::Type::array).items)
    if (!summaries.emplace(text_member(summary, "tag"), std::pair(value_text(summary), summary.line)).second)
      bad(summary.line, fmt::format("the summary {} is there twice", quoted(text_member(summary, "tag"))));
  const auto text = [&](const std::string& tag) {
    const auto found = summaries.find(tag);
    return found == summaries.end() ? std::string() : found->second.first;
  };
  const auto number = [&](const std::string& tag) -> std::optional<double> {
    const auto found = summaries.find(tag);
    if (found == summaries.end()) return std::nullopt;
    return number_at(found->second.second, found->second.first, tag);
  };
  bool any = false;
  for (const auto& [group, clock, quantity] :
       {std::tuple("nv/cold", "gpu", "GPU time"), std::tuple("nv/cold", "cpu", "CPU time"),
        std::tuple("nv/batch", "gpu", "batch GPU time"), std::tuple("nv/cpu_only", "cpu", "CPU time")}) {
    const auto tag = fmt::format("{}/time/{}", group, clock);
    const auto mean = number(tag + "/mean");
    if (!mean) continue;
    state.samples = text(fmt::format("{}/sample_size", group));
    auto r = result_of(state, quantity, *mean, state.samples);
    r.noise = number_in(text(tag + "/stdev/relative")).value_or(-1);  // infinite where there were too few samples
    any = true;
    all.add(std::move(r));
  }
  for (const auto* group : {"nv/cold", "nv/cpu_only"})
    if (const auto bandwidth = number(fmt::format("{}/bw/global/bytes_per_second", group)))
      all.add(bandwidth_of(state, *bandwidth));
  if (!any) bad(value.line, fmt::format("{} has no mean time", quoted(state.name)));
}

// ----------------------------------------------------------------------------------------------------- CSV, Markdown

struct Unit {
  std::string_view name;
  double factor;
};
constexpr Unit kSeconds[] = {{"s", 1}, {"ms", 1e-3}, {"us", 1e-6}, {"ns", 1e-9}};
constexpr Unit kRates[] = {{"B/s", 1},        {"KB/s", 1e3},    {"MB/s", 1e6},     {"GB/s", 1e9},
                           {"TB/s", 1e12},    {"PB/s", 1e15},   {"KiB/s", 1024.0}, {"MiB/s", 1048576.0},
                           {"GiB/s", 0x1p30}, {"TiB/s", 0x1p40}};

// "262.392 us" as seconds.
template <std::size_t N>
double with_unit(int line, std::string_view cell, const Unit (&units)[N], std::string_view what) {
  const auto words = words_of(cell);
  if (words.size() == 2)
    for (const auto& unit : units)
      if (words[1] == unit.name) return number_at(line, words[0], what) * unit.factor;
  bad(line, fmt::format("{} is {}; it must be a number and its unit", what, quoted(cell)));
}

double percent(std::string_view cell) {
  if (!cell.ends_with('%')) return -1;
  const auto value = number_in(cell.substr(0, cell.size() - 1));
  return value ? *value / 100 : -1;
}

constexpr std::pair<std::string_view, std::string_view> kTimes[] = {
    {"GPU Time", "GPU time"}, {"CPU Time", "CPU time"}, {"Batch GPU", "batch GPU time"}};

using Cells = std::vector<std::string_view>;

// The cell behind a time is its noise; the one before the first "Samples" has the calls.
void add_times(Collector& all, State state, const Cells& header, const Cells& cells, std::size_t first,
               std::string_view suffix, double (*seconds)(int, std::string_view, std::string_view),
               double (*noise)(std::string_view)) {
  bool any = false;
  for (std::size_t c = first; c < header.size(); ++c) {
    if (cells[c].empty()) continue;  // not measured for this benchmark
    if (header[c] == "Samples") {
      state.samples = std::string(cells[c].substr(0, cells[c].find('x')));
      number_at(state.line, state.samples, "Samples");
    }
    for (const auto& [column, quantity] : kTimes) {
      if (header[c] != fmt::format("{}{}", column, suffix)) continue;
      auto r = result_of(state, std::string(quantity), seconds(state.line, cells[c], column),
                         column == "Batch GPU" ? std::string() : state.samples);
      if (c + 1 < header.size() && header[c + 1] == "Noise") r.noise = noise(cells[c + 1]);
      any = true;
      all.add(std::move(r));
    }
  }
  if (!any) bad(state.line, fmt::format("{} has no time", quoted(state.name)));
}

Cells split(std::string_view line, char separator) {
  Cells cells;
  while (true) {
    const auto end = line.find(separator);
    cells.push_back(trimmed(line.substr(0, end)));
    if (end == std::string_view::npos) return cells;
    line.remove_prefix(end + 1);
  }
}

std::size_t column(int line, const Cells& header, std::string_view name) {
  const auto found = std::find(header.begin(), header.end(), name);
  if (found == header.end()) bad(line, fmt::format("the table has no column {}", name));
  return static_cast<std::size_t>(found - header.begin());
}

// The columns of a second benchmark's axes follow the summaries of the first, where nothing tells them apart.
void require_summaries(int line, const Cells& header, std::size_t first) {
  constexpr std::string_view kPlain[] = {"Samples", "Noise",      "BWUtil",       "BWPeak",
                                         "Batch",   "Clock Rate", "Clock Scaling"};
  for (std::size_t c = first; c < header.size(); ++c) {
    const auto name = header[c];
    const bool known = std::find(std::begin(kPlain), std::end(kPlain), name) != std::end(kPlain) ||
                       name.ends_with("(sec)") || name.ends_with("(bytes/sec)") || name.ends_with("(elem/sec)") ||
                       name.ends_with("(bytes)");
    if (!known)
      bad(line,
          fmt::format("the column {} behind Skipped may be an axis or a result; save --json instead", quoted(name)));
  }
}

// "2^24 = 16777216" is the second, as the other forms have it.
std::string_view axis_value(std::string_view cell) {
  const auto equals = cell.find(" = ");
  return cell.starts_with("2^") && equals != std::string_view::npos ? cell.substr(equals + 3) : cell;
}

struct MarkdownTable {
  std::string benchmark, device;
  Cells header;
  std::size_t samples = 0;
};

void add_markdown_row(Collector& all, const MarkdownTable& table, const Line& line, const Cells& cells) {
  if (cells.size() != table.header.size())
    bad(line.number, fmt::format("{} cells where the table has {} columns", cells.size(), table.header.size()));
  State state{table.benchmark, line.number, ""};
  for (std::size_t c = 0; c < table.samples; ++c)
    state.name += fmt::format(" {}={}", table.header[c], axis_value(cells[c]));
  if (!table.device.empty()) state.name += " device " + table.device;
  add_times(
      all, state, table.header, cells, table.samples, "",
      [](int at, std::string_view cell, std::string_view what) { return with_unit(at, cell, kSeconds, what); },
      percent);
  for (std::size_t c = table.samples; c < table.header.size(); ++c)
    if (table.header[c] == "GlobalMem BW" && !cells[c].empty())
      all.add(bandwidth_of(state, with_unit(line.number, cells[c], kRates, "GlobalMem BW")));
}

// Whether some benchmark ran on several devices: only then is the device a part of the names.
bool several_devices(const std::vector<Line>& lines) {
  std::string benchmark;
  std::set<std::string> seen;
  for (const auto& line : lines) {
    if (line.text.starts_with("## ")) benchmark = std::string(line.text), seen.clear();
    if (line.text.starts_with("### [") && (seen.insert(std::string(line.text)), seen.size() > 1)) return true;
  }
  return false;
}

}  // namespace

Results parse_nvbench_json(const JsonValue& document) {
  Collector all("nvbench", "JSON");
  const auto& version =
      member(member(member(document, "meta", JsonValue::Type::object), "version", JsonValue::Type::object), "json",
             JsonValue::Type::object);
  if (whole_member(version, "major") != 1)
    bad(version.line, fmt::format("JSON of version {}; version 1 is known here", whole_member(version, "major")));
  for (const auto& benchmark : member(document, "benchmarks", JsonValue::Type::array).items) {
    const auto& name = text_member(benchmark, "name");
    const auto* devices = benchmark.find("devices");
    const auto* states = benchmark.find("states");
    if (!states || states->is(JsonValue::Type::null)) {  // no configuration was left
      all.note(name + ": nothing was run");
      continue;
    }
    for (const auto& state : member(benchmark, "states", JsonValue::Type::array).items)
      add_state(all, state, name, devices && devices->items.size() > 1);
  }
  return all.take();
}

Results parse_nvbench_csv(std::string_view text) {
  Collector all("nvbench", "CSV");
  const auto lines = lines_of(text);
  const auto header = split(lines.front().text, ',');
  const auto skipped = column(1, header, "Skipped");
  require_summaries(1, header, skipped + 1);
  std::map<std::string_view, std::set<std::string_view>> devices;
  std::vector<std::pair<int, Cells>> rows;
  for (std::size_t i = 1; i < lines.size(); ++i) {
    if (trimmed(lines[i].text).empty()) continue;
    auto cells = split(lines[i].text, ',');
    if (cells.size() != header.size())
      bad(lines[i].number, fmt::format("{} cells where the header has {}", cells.size(), header.size()));
    devices[cells[0]].insert(cells[1]);
    rows.emplace_back(lines[i].number, std::move(cells));
  }
  for (const auto& [line, cells] : rows) {
    State state{std::string(cells[0]), line, ""};
    for (std::size_t c = 3; c < skipped; ++c)
      if (!header[c].ends_with(" (pow2)") && !cells[c].empty())  // beside it stands the number itself
        state.name += fmt::format(" {}={}", header[c], cells[c]);
    if (devices[cells[0]].size() > 1) state.name += fmt::format(" device {}", cells[1]);
    if (cells[skipped] == "Yes") {
      add_failed(all, state, "skipped");
      continue;
    }
    add_times(all, state, header, cells, skipped + 1, " (sec)", number_at,
              [](std::string_view cell) { return number_in(cell).value_or(-1); });
    for (std::size_t c = skipped + 1; c < header.size(); ++c)
      if (header[c] == "GlobalMem BW (bytes/sec)" && !cells[c].empty())
        all.add(bandwidth_of(state, number_at(line, cells[c], "GlobalMem BW")));
  }
  return all.take();
}

Results parse_nvbench_markdown(std::string_view text) {
  Collector all("nvbench", "Markdown");
  const auto lines = lines_of(text);
  const bool devices = several_devices(lines);
  MarkdownTable table;
  bool within = false;
  for (const auto& line : lines) {
    if (line.text.starts_with("# ")) within = line.text == "# Benchmark Results";
    if (!within) continue;
    if (line.text.find('\x1b') != std::string_view::npos)
      bad(line.number, "colour codes of a terminal; write the output to a file, or without colour");
    if (line.text.starts_with("## ")) {
      table = {std::string(trimmed(line.text.substr(3))), "", {}, 0};
    } else if (line.text.starts_with("### [")) {
      table.header.clear();
      if (devices) table.device = std::string(line.text.substr(5, line.text.find(']') - 5));
    } else if (line.text.starts_with("No data")) {
      all.note(table.benchmark + ": no data");
    } else if (line.text.starts_with('|')) {
      if (!trimmed(line.text).ends_with('|')) bad(line.number, "a row of a table lacks its last '|'");
      auto cells = split(trimmed(line.text), '|');
      cells.erase(cells.begin());
      cells.pop_back();
      if (table.benchmark.empty()) bad(line.number, "a table without a benchmark's name above it");
      if (table.header.empty()) {
        table.samples = column(line.number, cells, "Samples");
        table.header = std::move(cells);
      } else if (line.text.find_first_not_of("|-") != std::string_view::npos) {
        add_markdown_row(all, table, line, cells);
      }
    }
  }
  return all.take();
}

}  // namespace aisp::import
