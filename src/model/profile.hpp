// What a profiling pass found out, as plain data: a document of its own beside the evidence, never part of a verdict.
#pragma once

#include "model/evidence.hpp"

#include <string>
#include <vector>

namespace aisp::model {

struct Span {  // of the judge's clock, from the start of the worker
  std::string name;
  double start = 0, seconds = 0;
};

struct Stack {
  std::vector<std::string> frames;  // outermost first
  std::int64_t samples = 0;
};

struct VariantProfile {
  std::string name;
  Status status = Status::not_run;
  std::string message;  // why, when the status is not ok
  int threads = 1;
  std::vector<Span> spans;
  std::int64_t counted_calls = 0;
  double call_seconds = 0;        // of a counted call; a profiled call is not a timed one
  std::vector<Counter> counters;  // of one call
  std::string counters_absent;    // why some or all are missing
  std::int64_t samples = 0, lost_samples = 0;
  std::vector<Stack> stacks;
  std::string samples_absent;
};

struct TargetProfile {
  int schema = 1;
  std::string target, device, scale;
  std::string level;                     // "minimal" | "deep_dive" | "roofline"
  std::string when;                      // UTC
  std::vector<VariantProfile> variants;  // baseline first
};

}  // namespace aisp::model
