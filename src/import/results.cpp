// Whose output a file is, and what all parsers need.
#include "import/results.hpp"

#include "import/parts.hpp"

#include <fmt/format.h>

#include <charconv>
#include <cmath>

namespace aisp::import {
namespace {

constexpr std::size_t kMaxName = 400, kMaxResults = 200'000, kMaxValues = 2'000'000;

Results parse_document(std::string_view text) {
  const auto document = tools::parse_json(text);
  if (document.find("nvbandwidth")) return parse_nvbandwidth_json(document);
  if (document.find("nccl_version") && document.find("results")) return parse_nccl_json(document);
  if (document.find("context") && document.find("benchmarks")) return parse_google_benchmark(document);
  if (document.find("meta") && document.find("benchmarks")) return parse_nvbench_json(document);
  bad(1, "JSON, but not of nccl-tests (-J), nvbandwidth (--json), nvbench (--json) or Google Benchmark");
}

}  // namespace

void bad(int line, const std::string& what) { throw LineError(line, what); }

std::string quoted(std::string_view text) {
  std::string out = "'";
  for (const char c : text.substr(0, 60)) out += static_cast<unsigned char>(c) < ' ' || c == '\x7f' ? '?' : c;
  return out + (text.size() > 60 ? "…'" : "'");
}

std::vector<Line> lines_of(std::string_view text) {
  std::vector<Line> lines;
  for (int number = 1; !text.empty(); ++number) {
    const auto end = text.find('\n');
    auto line = text.substr(0, end);
    if (line.ends_with('\r')) line.remove_suffix(1);
    lines.push_back({number, line});
    text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
  }
  return lines;
}

std::vector<std::string_view> words_of(std::string_view line) {
  std::vector<std::string_view> words;
  while (true) {
    const auto start = line.find_first_not_of(" \t");
    if (start == std::string_view::npos) return words;
    line.remove_prefix(start);
    const auto end = std::min(line.find_first_of(" \t"), line.size());
    words.push_back(line.substr(0, end));
    line.remove_prefix(end);
  }
}

std::string_view trimmed(std::string_view text) {
  const auto start = text.find_first_not_of(" \t");
  return start == std::string_view::npos ? std::string_view()
                                         : text.substr(start, text.find_last_not_of(" \t") + 1 - start);
}

std::optional<double> number_in(std::string_view word) {
  double value = 0;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
  if (error != std::errc() || end != word.data() + word.size() || !std::isfinite(value) || value < 0)
    return std::nullopt;
  return value;
}

double number_at(int line, std::string_view word, std::string_view what) {
  const auto value = number_in(word);
  if (!value) bad(line, fmt::format("{} is {}; it must be a number with a decimal point", what, quoted(word)));
  return *value;
}

const JsonValue& member(const JsonValue& object, std::string_view name, JsonValue::Type type) {
  constexpr const char* kTypes[] = {"null", "true or false", "a number", "a string", "an array", "an object"};
  const auto* value = object.find(name);
  if (!value) bad(object.line, fmt::format("the field {} is missing", name));
  if (!value->is(type))
    bad(value->line,
        fmt::format("{} is {}; it must be {}", name, value->describe(), kTypes[static_cast<std::size_t>(type)]));
  return *value;
}

const std::string& text_member(const JsonValue& object, std::string_view name) {
  return member(object, name, JsonValue::Type::string).text;
}

double number_member(const JsonValue& object, std::string_view name) {
  const auto& value = member(object, name, JsonValue::Type::number);
  if (!std::isfinite(value.number) || value.number < 0)
    bad(value.line, fmt::format("{} is {}; it must be finite and not below 0", name, value.describe()));
  return value.number;
}

std::int64_t whole_member(const JsonValue& object, std::string_view name) {
  const auto& value = member(object, name, JsonValue::Type::number);
  if (!value.whole()) bad(value.line, fmt::format("{} is {}; it must be a whole number", name, value.describe()));
  return *value.whole();
}

Collector::Collector(std::string program, std::string format) {
  results_.program = std::move(program);
  results_.format = std::move(format);
}

void Collector::add(Result result, bool repeats) {
  if (result.name.empty()) bad(result.line, "a benchmark has no name");
  if (result.name.size() > kMaxName) bad(result.line, fmt::format("a name is longer than {} bytes", kMaxName));
  const auto [found, first] = at_.try_emplace({result.name, result.quantity}, results_.results.size());
  const bool again = !seen_.emplace(found->second, run_).second;
  if (again && !repeats)
    bad(result.line, fmt::format("{} of {} is there twice; which one counts?", result.quantity, quoted(result.name)));
  if (first) {
    if (results_.results.size() == kMaxResults) bad(result.line, fmt::format("more than {} results", kMaxResults));
    results_.results.push_back(std::move(result));
    return;
  }
  auto& known = results_.results[found->second];
  if (known.unit != result.unit || known.statistic != result.statistic)
    bad(result.line, fmt::format("{} of {} is given in two ways", result.quantity, quoted(result.name)));
  if (known.failed.empty()) known.failed = result.failed;
  if (known.values.size() + result.values.size() > kMaxValues) bad(result.line, "too many values");
  known.values.insert(known.values.end(), result.values.begin(), result.values.end());
  known.noise = -1;  // of one value only
}

Results Collector::take() {
  if (results_.results.empty()) bad(1, fmt::format("{} of {} without a result", results_.format, results_.program));
  return std::move(results_);
}

Results parse_results(std::string_view text) {
  if (text.size() > kMaxResultsText)
    bad(1, fmt::format("{} bytes; at most {} are allowed", text.size(), kMaxResultsText));
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);  // a byte-order mark
  const auto start = text.find_first_not_of(" \t\r\n");
  if (start == std::string_view::npos) bad(1, "the file is empty");
  if (text[start] == '{' || text[start] == '[') return parse_document(text);
  for (const auto& line : lines_of(text)) {
    if (line.text.starts_with("nvbandwidth Version:")) return parse_nvbandwidth_text(text);
    if (line.text.starts_with("# nThread ") || line.text.starts_with("# Collective test starting:") ||
        line.text.starts_with("# nccl-tests version"))
      return parse_nccl_text(text);
    if (line.text == "# Benchmark Results") return parse_nvbench_markdown(text);
    if (line.text.starts_with("Benchmark,Device,Device Name,")) return parse_nvbench_csv(text);
  }
  bad(1, "not output of nccl-tests, nvbandwidth, nvbench or Google Benchmark (its JSON)");
}

}  // namespace aisp::import
