// The judgement on evidence: plain data, computed by verdict() and nothing else.
#pragma once

#include "model/evidence.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace aisp::model {

enum class Word : std::uint8_t { fast, slow, same, unresolved };  // printed FAST, SLOW, SAME, UNRESOLVED

struct Interval {
  double lo = 0, hi = 0;
};

struct Violation {
  std::string issue;  // id in the validity catalogue: "output.uninitialized_memory"
  std::string variant;
  std::string seen, expected, advice;
};

struct VariantVerdict {
  std::string name;
  Status status = Status::ok;
  bool correct = false;
  std::uint64_t timed_calls = 0, verified_calls = 0;  // of the timed calls, those whose outputs were all compared
  // Of all its processes, outside the timed calls: preparing, binding, the calls that are discarded.
  double untimed_seconds = 0, untimed_cpu_seconds = 0;
  double median_seconds = 0;  // per call
  Interval median_interval;   // sign-test interval of the median time
  double speedup = 0;         // median of paired ratios baseline / variant; 0 = withheld or not available
  Interval speedup_interval;
  double confidence = 0;  // coverage of the interval actually reached
  int pairs = 0;
  Word word = Word::unresolved;
  std::string why;  // why the speedup is withheld or unresolved
  double floor_seconds = 0;
  double sol = 0;                  // floor / median; 0 = unknown
  std::string bound;               // "memory" | "compute": which term of the floor is larger
  std::vector<std::string> notes;  // "bimodal: …"
};

struct TargetVerdict {
  int schema = 2;
  std::string target;
  std::vector<VariantVerdict> variants;  // baseline first
  std::vector<Violation> violations;
  bool publishable = false;
  std::vector<std::string> unpublishable_reasons;
  int exit_code = 0;  // of cli.md: 0, 1, 3, 4, 5, 6
};

std::string to_string(Word);

}  // namespace aisp::model
