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

struct DeviceSpan {  // of the device's clock, from the first work of the recorded calls
  std::string name;
  std::string kind;  // "kernel" | "copy" | "memset" | "call"
  std::int64_t stream = 0, bytes = 0;
  double start = 0, seconds = 0;
};

struct MeasuredKernel {  // by a profiler that replays kernels: Nsight Compute
  std::string name;
  std::int64_t launches = 0;     // over the measured calls
  std::vector<Counter> metrics;  // medians over the launches, in base units
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
  // CUDA
  std::string tool;                      // what recorded the device: "CUPTI 130001"
  std::vector<CensusKernel> kernels;     // of all counted calls
  std::vector<DeviceSpan> device_spans;  // of the same calls
  std::vector<MeasuredKernel> measured;
  std::vector<std::string> against_baseline;  // the counters in plain words; none for the baseline
};

struct TargetProfile {
  int schema = 1;
  std::string target, device, scale;
  std::string level;                     // "minimal" | "deep_dive" | "roofline"
  std::string when;                      // UTC
  std::vector<VariantProfile> variants;  // baseline first
};

}  // namespace aisp::model
