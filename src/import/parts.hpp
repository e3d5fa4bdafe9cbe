// What the parsers of results share. Private to parse_results().
#pragma once

#include "import/results.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace aisp::import {
using tools::JsonValue;
using tools::LineError;

[[noreturn]] void bad(int line, const std::string& what);

// Short and of one line, whatever the file holds.
std::string quoted(std::string_view text);

struct Line {
  int number = 0;
  std::string_view text;  // without its end
};
std::vector<Line> lines_of(std::string_view text);
std::vector<std::string_view> words_of(std::string_view line);
std::string_view trimmed(std::string_view text);

// The finite number, not below zero, that the whole word is: no commas, no units.
std::optional<double> number_in(std::string_view word);
double number_at(int line, std::string_view word, std::string_view what);

// Of JSON: with the field's name in the message.
const JsonValue& member(const JsonValue& object, std::string_view name, JsonValue::Type);
const std::string& text_member(const JsonValue& object, std::string_view name);
double number_member(const JsonValue& object, std::string_view name);  // finite, not below zero
std::int64_t whole_member(const JsonValue& object, std::string_view name);

// Collects results; a name and quantity that comes again is a repetition in another run, and an error in the same.
class Collector {
 public:
  explicit Collector(std::string program, std::string format);
  void begin_run() { ++run_; }
  int runs() const { return run_; }
  // One more value of result.name and result.quantity. `repeats`: within a run it may come again.
  void add(Result result, bool repeats = false);
  void note(std::string text) { results_.notes.push_back(std::move(text)); }
  Results take();  // throws where there is no result

 private:
  Results results_;
  int run_ = 0;
  std::map<std::pair<std::string, std::string>, std::size_t> at_;
  std::set<std::pair<std::size_t, int>> seen_;  // result and run
};

Results parse_nccl_text(std::string_view text);
Results parse_nccl_json(const JsonValue&);
Results parse_nvbandwidth_text(std::string_view text);
Results parse_nvbandwidth_json(const JsonValue&);
Results parse_nvbench_json(const JsonValue&);
Results parse_nvbench_csv(std::string_view text);
Results parse_nvbench_markdown(std::string_view text);
Results parse_google_benchmark(const JsonValue&);

}  // namespace aisp::import
