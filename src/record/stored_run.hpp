// A run reduced to what the history keeps of it: who ran, how each variant ended, the figures. Plain data.
#pragma once

#include "record/run_data.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace aisp::record {

struct StoredVariant {
  std::string name;
  bool peer = false;
  model::Status status = model::Status::not_run;
  bool correct = false, violates = false;
  model::Word word = model::Word::unresolved;
  double speedup = 0;  // 0 = withheld, or the baseline's own
  model::Interval speedup_interval;
  double median_seconds = 0;
  model::Interval median_interval;
  double sol = 0;
  std::string bound;
  int pairs = 0;
};

struct StoredTarget {
  std::string target, device, scale;
  std::string params;   // "cols=1024 rows=512"
  std::string started;  // UTC, ISO 8601
  bool error = false;   // could not be run at all
  bool judged = false;  // there is a verdict; without one there are no variants
  bool publishable = false;
  int failed = 0;  // variants that did not end well, judged or not
  std::uint64_t timed_calls = 0, verified_calls = 0;
  std::vector<StoredVariant> variants;  // baseline first
};

struct Summary {
  int targets = 0;
  int fast = 0, slow = 0, same = 0, unresolved = 0;  // optimized variants and peers
  int wrong = 0, violating = 0, failed = 0;          // variants; failed: crashed, timed out, refused, …
  int errors = 0;                                    // targets that could not be run
  std::uint64_t timed_calls = 0, verified_calls = 0;
  double mean_speedup =
      0;  // geometric mean over targets of the fastest accepted optimized variant (no peers); 0 = none
};

struct StoredRun {
  std::string run;                // id
  std::string started, finished;  // UTC, ISO 8601; finished "" = not over yet
  bool interrupted = false, publishable = false;
  std::string scale;
  std::string host, gpu;  // host_key() and gpu_key(); gpu "" = none was used
  std::string aisp_version, commit;
  Summary summary;
  std::vector<StoredTarget> targets;  // in the order of the run
};

StoredRun stored(const RunData&);
StoredTarget stored(const model::TargetEvidence&, const model::TargetVerdict*);
Summary summarise(const std::vector<StoredTarget>&);

}  // namespace aisp::record
