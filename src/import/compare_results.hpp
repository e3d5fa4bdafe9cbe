// What changed between two files of one program's results. Pure functions.
#pragma once

#include "analysis/compare_runs.hpp"
#include "import/results.hpp"

#include <optional>
#include <string>
#include <vector>

namespace aisp::import {

// A value, and its interval where the file has repetitions enough for one (stats::kMinPairs).
struct Center {
  double value = 0;  // the median of the repetitions
  std::size_t repetitions = 0;
  stats::MedianInterval interval;  // confidence 0: none
};
std::optional<Center> center(const Result&);  // none where there is no value

// "time of 6 repetitions": why there is an interval, or what is missing for one.
std::string repetitions_text(const Result&);

struct ResultChange {
  std::string name, quantity, unit;
  analysis::ChangeKind kind = analysis::ChangeKind::unchanged;
  std::optional<Center> before, after;
  double ratio = 0;          // after / before; 0 = not available
  model::Interval interval;  // of it, Hodges–Lehmann of the logarithms; where confidence > 0
  double confidence = 0;
  std::string why;
};

struct ResultComparison {
  std::string program;
  std::vector<ResultChange> changes;  // in the order of the files
  int count(analysis::ChangeKind) const;
};

// Like is compared with like: the same name and quantity, of the same program; throws std::runtime_error for two
// programs. regressed and improved only where the interval of the ratio lies beyond kLeastChange, unchanged only where
// it lies within; unresolved otherwise, and always without repetitions on both sides.
ResultComparison compare_results(const Results& before, const Results& after);

}  // namespace aisp::import
