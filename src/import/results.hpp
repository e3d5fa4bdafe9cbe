// Results of other benchmark programs: nccl-tests, nvbandwidth, nvbench and Google Benchmark, as they print or save
// them.
//
// The text is hostile, and what is ambiguous is refused rather than guessed: tools::LineError, one line, for a number
// that is not one, a column that is not known, a row of another length, a benchmark that is there twice.
#pragma once

#include "tools/json_tree.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace aisp::import {

struct Result {
  std::string name;      // the benchmark and its parameters: what two files are matched by
  std::string quantity;  // "GPU time", "bus bandwidth": a name has one result of each
  std::string unit;      // "s" or "B/s"
  bool lower_is_better = true;
  bool derived = false;        // follows from another quantity of that name: shown, not compared
  std::vector<double> values;  // one a repetition, as the file orders them; empty where it failed
  std::string statistic;       // what each value is: "mean of 1264 calls", "one iteration", …
  double noise = -1;           // relative standard deviation of the calls within a value, where the program gives it
  std::string failed;          // why there is no value, or none to compare: "3 wrong elements", "skipped: …"
  int line = 0;
};

struct Results {
  std::string program;             // "nccl-tests", "nvbandwidth", "nvbench", "Google Benchmark"
  std::string format;              // "text", "JSON", "CSV", "Markdown"
  std::vector<Result> results;     // in the order of the file; never empty
  std::vector<std::string> notes;  // what was left out, a line each
};

inline constexpr std::size_t kMaxResultsText = std::size_t{64} << 20;

// Finds out by the content whose output it is.
Results parse_results(std::string_view text);

}  // namespace aisp::import
