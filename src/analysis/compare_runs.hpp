// What changed between two recorded runs, and what about the machine or build could explain it. Pure functions.
#pragma once

#include "record/run_data.hpp"
#include "stats/stats.hpp"

#include <string>
#include <vector>

namespace aisp::analysis {

inline constexpr double kLeastChange = 0.02;  // relative; smaller differences between runs are never called

enum class ChangeKind : std::uint8_t {
  regressed,     // slower, or it no longer runs or is no longer right
  improved,      // faster, or it runs or is right again
  unchanged,     // the intervals of the medians overlap, or they differ by less than kLeastChange
  unresolved,    // too few samples for an interval in either run
  incomparable,  // another problem: different scale, sizes or device
  added,         // in the second run only
  gone,          // in the first run only
};
std::string to_string(ChangeKind);

// Of the baseline's time over the variant's, from the pairs that each run measured; 0 where one has none.
struct SpeedupChange {
  double before = 0, after = 0;  // medians
  double ratio = 0;              // after / before, Hodges–Lehmann; below 1: the variant lost ground on its baseline
  model::Interval interval;
  double confidence = 0;
};

struct Change {
  std::string target, variant;
  ChangeKind kind = ChangeKind::unchanged;
  stats::MedianInterval before, after;  // seconds per call, over all samples of the run
  double ratio = 0;                     // after / before; above 1 is slower; 0 = not available
  SpeedupChange speedup;                // optimized variants
  std::string why;                      // what the kind alone does not say
};

struct Difference {  // of the manifests
  std::string field, before, after;
};

struct RunComparison {
  std::string before, after;    // run ids
  std::vector<Change> changes;  // in the order of the runs' targets
  std::vector<Difference> differences;
  int count(ChangeKind) const;
};

RunComparison compare_runs(const record::RunData& before, const record::RunData& after);

// A list for a terminal of that width: counts, what changed, what differs between the manifests.
std::string comparison_text(const RunComparison&, int width);
std::string to_json(const RunComparison&);

}  // namespace aisp::analysis
