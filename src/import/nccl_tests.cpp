// nccl-tests: the table that it prints and its JSON (-J FILE), as src/util.cu and src/common.cu of
// github.com/NVIDIA/nccl-tests write them. Its GB are 10⁹ bytes. Cycles (-N) and several outputs in one file are
// repetitions.
#include "import/parts.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace aisp::import {
namespace {

struct Row {
  std::string key;  // "all_reduce_perf 1048576 B float sum"
  int line = 0;
};

struct Measured {
  double microseconds = 0, algorithm = 0, bus = 0;  // GB/s
  std::optional<double> wrong;                      // elements; absent where nothing was checked
  bool cpu = false;                                 // -C: time of the CPU
  std::vector<double> iterations;                   // µs, with -I
};

void add(Collector& all, const Row& row, const char* place, const Measured& m) {
  Result r;
  r.name = fmt::format("{} {}", row.key, place);
  r.quantity = m.cpu ? "CPU time" : "time";
  r.unit = "s";
  r.line = row.line;
  r.statistic = m.iterations.empty() ? "mean of its iterations" : "one iteration";
  if (m.wrong.value_or(0) > 0) r.failed = fmt::format("{:g} wrong elements", *m.wrong);
  if (m.iterations.empty()) r.values.push_back(m.microseconds * 1e-6);
  for (const double t : m.iterations) r.values.push_back(t * 1e-6);
  const auto failed = r.failed;
  all.add(std::move(r), true);
  for (const auto& [quantity, bandwidth] :
       {std::pair("algorithm bandwidth", m.algorithm), std::pair("bus bandwidth", m.bus)}) {
    Result b;
    b.name = fmt::format("{} {}", row.key, place);
    b.quantity = quantity;
    b.unit = "B/s";
    b.lower_is_better = false;
    b.derived = true;
    b.statistic = "mean of its iterations";
    b.failed = failed;
    b.line = row.line;
    b.values.push_back(bandwidth * 1e9);
    all.add(std::move(b), true);
  }
}

std::string row_key(const std::string& program, std::string_view size, std::string_view type, std::string_view redop,
                    std::string_view root) {
  auto key = fmt::format("{}{}{} B {}", program, program.empty() ? "" : " ", size, type);
  if (!redop.empty() && redop != "none") key += fmt::format(" {}", redop);
  if (!root.empty() && root != "-1") key += fmt::format(" root {}", root);
  return key;
}

// ------------------------------------------------------------------------------------------------------------- text

using Columns = std::vector<std::string_view>;

// The header names size, count, type and where they matter redop and root, then four columns or more of each place.
class Table {
 public:
  explicit Table(const Line& header) : names_(words_of(header.text.substr(1))) {
    const auto time = std::find_if(names_.begin(), names_.end(), is_time);
    keys_ = static_cast<std::size_t>(time - names_.begin());
    constexpr std::string_view kKeys[] = {"size", "count", "type", "redop", "root"};
    if (keys_ < 3 || keys_ > 5 || !std::equal(names_.begin(), time, kKeys))
      bad(header.number, "the table's first columns are not size, count, type, redop and root");
    stamped_ = names_.back() == "timestamp";
    if (stamped_) names_.pop_back();
    const auto places = std::count_if(names_.begin(), names_.end(), is_time);
    const auto width = names_.size() - keys_;
    if (places != 2 || width % 2 ||
        !std::equal(names_.begin() + static_cast<std::ptrdiff_t>(keys_),
                    names_.begin() + static_cast<std::ptrdiff_t>(keys_ + width / 2),
                    names_.begin() + static_cast<std::ptrdiff_t>(keys_ + width / 2)))
      bad(header.number, "the table has not the same columns out of place and in place");
    place_ = width / 2;
    constexpr std::string_view kKnown[] = {"time",  "cputime", "algbw", "busbw", "#wrong",
                                           "error", "i_min",   "i_max", "i_p99", "i_cv%"};
    for (std::size_t i = keys_; i < names_.size(); ++i)
      if (std::find(std::begin(kKnown), std::end(kKnown), names_[i]) == std::end(kKnown))
        bad(header.number, fmt::format("the column {} is not known", quoted(names_[i])));
  }

  void add_row(Collector& all, const std::string& program, const Line& line) const {
    auto words = words_of(line.text);
    const std::size_t stamp = stamped_ ? 2 : 0;  // a date and a time
    if (words.size() != names_.size() + stamp)
      bad(line.number, fmt::format("{} columns where the header has {}", words.size(), names_.size() + stamp));
    const auto number = number_at(line.number, words[0], "size");
    if (number != static_cast<double>(static_cast<std::int64_t>(number)))
      bad(line.number, fmt::format("size is {}; it must be a whole number", quoted(words[0])));
    const Row row{row_key(program, words[0], words[2], keys_ > 3 ? words[3] : "", keys_ > 4 ? words[4] : ""),
                  line.number};
    for (const auto& [place, at] : {std::pair("out of place", keys_), std::pair("in place", keys_ + place_)})
      add(all, row, place, measured(line.number, words, at));
  }

 private:
  static bool is_time(std::string_view name) { return name == "time" || name == "cputime"; }
  Measured measured(int line, const Columns& words, std::size_t from) const {
    Measured m;
    bool bus = false;
    for (std::size_t i = from; i < from + place_; ++i) {
      const auto name = names_[i], word = words[i];
      if (is_time(name)) m.microseconds = number_at(line, word, name), m.cpu = name == "cputime";
      if (name == "algbw") m.algorithm = number_at(line, word, name);
      if (name == "busbw") m.bus = number_at(line, word, name), bus = true;
      if (name == "#wrong" && word != "N/A") m.wrong = number_at(line, word, name);
      if (name == "error" && word != "N/A") number_at(line, word, name);  // of old versions: the largest difference
      if (name.starts_with("i_")) number_at(line, word, name);
    }
    if (!bus) bad(line, "the table has no column busbw");
    if (!(m.microseconds > 0)) bad(line, "a time is 0");
    return m;
  }

  Columns names_;
  std::size_t keys_ = 0, place_ = 0;
  bool stamped_ = false;
};

// ------------------------------------------------------------------------------------------------------------- JSON

void add_place(Collector& all, const Row& row, const JsonValue& result, const std::string& place) {
  const auto* body = result.find(place);
  if (!body || body->is(JsonValue::Type::null)) return;  // not run
  Measured m;
  m.cpu = body->find("cpu_time") != nullptr;
  m.microseconds = number_member(*body, m.cpu ? "cpu_time" : "time");
  m.algorithm = number_member(*body, "alg_bw");
  m.bus = number_member(*body, "bus_bw");
  if (const auto* wrong = body->find("nwrong"); wrong && !wrong->is(JsonValue::Type::null))
    m.wrong = number_member(*body, "nwrong");
  if (!(m.microseconds > 0)) bad(body->line, "a time is 0");
  if (const auto* each = result.find(place + "_per_iter")) {
    const auto& times = member(*each, "times_us", JsonValue::Type::array).items;
    const auto skipped = static_cast<std::size_t>(std::max<std::int64_t>(0, whole_member(*each, "skipped_iterations")));
    for (std::size_t i = skipped; i < times.size(); ++i) {
      if (!times[i].is(JsonValue::Type::number) || !(times[i].number > 0))
        bad(times[i].line, fmt::format("an iteration's time is {}", times[i].describe()));
      m.iterations.push_back(times[i].number);
    }
  }
  add(all, row, place == "in_place" ? "in place" : "out of place", m);
}

// "/opt/nccl-tests/build/all_reduce_perf" → "all_reduce_perf"
std::string program_of(const JsonValue& document) {
  const auto* args = document.find("args");
  if (!args || args->items.empty() || !args->items[0].is(JsonValue::Type::string)) return "";
  const auto& path = args->items[0].text;
  return path.substr(path.rfind('/') + 1);
}

}  // namespace

Results parse_nccl_text(std::string_view text) {
  Collector all("nccl-tests", "text");
  std::string program;
  std::optional<Table> table;
  for (const auto& line : lines_of(text)) {
    constexpr std::string_view kStarting = "# Collective test starting:";
    if (line.text.starts_with(kStarting)) program = std::string(trimmed(line.text.substr(kStarting.size())));
    const auto words = words_of(line.text);
    if (words.empty()) continue;
    if (words[0].starts_with('#')) {
      if (words.size() > 2 && words[1] == "size" && words[2] == "count") table.emplace(line);
      if (words.back() == "FAILED") all.note(std::string(trimmed(line.text.substr(1))));
      continue;
    }
    if (!number_in(words[0])) continue;  // messages of MPI, of NCCL with NCCL_DEBUG, of the scheduler
    if (words.size() < 3 || !number_in(words[1])) continue;
    if (!table) bad(line.number, "a row of results without a header above it");
    table->add_row(all, program, line);
  }
  return all.take();
}

Results parse_nccl_json(const JsonValue& document) {
  Collector all("nccl-tests", "JSON");
  const auto program = program_of(document);
  for (const auto& result : member(document, "results", JsonValue::Type::array).items) {
    const Row row{row_key(program, std::to_string(whole_member(result, "size")), text_member(result, "type"),
                          text_member(result, "redop"), trimmed(text_member(result, "root"))),
                  result.line};
    for (const auto* place : {"out_of_place", "in_place"}) add_place(all, row, result, place);
  }
  return all.take();
}

}  // namespace aisp::import
