// A recorded run as text for people. Pure functions.
#pragma once

#include "record/run_data.hpp"

#include <string>

namespace aisp::analysis {

// GitHub-flavoured markdown: summary table, then per target its variants, environment, violations and provenance.
// Text that came from plugins or files is escaped.
std::string markdown_report(const record::RunData&);

struct Summary {
  int targets = 0;
  int fast = 0, slow = 0, same = 0, unresolved = 0;  // optimized variants and peers
  int wrong = 0, violating = 0, failed = 0;          // variants; failed: crashed, timed out, refused, …
  int errors = 0;                                    // targets that could not be run
  std::uint64_t timed_calls = 0, verified_calls = 0;
  double mean_speedup =
      0;  // geometric mean over targets of the fastest accepted optimized variant (no peers); 0 = none
};
Summary summarise(const record::RunData&);
// "3 targets: 2 FAST, 1 SAME · mean of the best speedups 2.31× · 960 of 960 timed calls verified"
std::string summary_line(const Summary&);

}  // namespace aisp::analysis
