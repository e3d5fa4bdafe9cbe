// What a CUDA process did, as flat records: written by the worker under CUPTI, checked by the judge (protocol.hpp), and
// reduced here, without a device, to the census that is evidence.
#pragma once

#include "model/evidence.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace aisp::judge {

inline constexpr int kMaxActivities = 2048;     // of one command; more are counted as dropped
inline constexpr std::size_t kMaxKernels = 32;  // listed in a census; the others are counted together

// Stands before and after every audited call on the given stream: what lies between two of them is the call's.
inline constexpr const char* kCensusMarker = "aisp_census_marker";

enum class ActivityKind : std::uint32_t {
  none,
  // work on the device: start, end
  kernel,
  copy,
  memset,
  // what the process asked of the driver
  allocation,
  release,
  graph_launch,
  host_function,
  event_record,
  stream_wait,
  stream_sync,
  event_sync,
  device_sync,
  // what came into being
  context,
  stream,
  module,
  library,
};
inline constexpr auto kLastActivityKind = ActivityKind::library;

enum ActivityFlag : std::uint32_t {
  kCooperative = 1,      // kernel
  kDeviceLaunched = 2,   // kernel, copy, memset: launched by a kernel or by a graph that a kernel launched
  kAsynchronous = 4,     // copy: the call returned before the copy was done
  kCanLaunchKernels = 8  // module: holds the device runtime
};

struct ActivityFields {
  ActivityKind kind = ActivityKind::none;
  std::uint32_t order = 0;   // grows from call to call of the CUDA API: CUPTI's correlation ID
  std::uint32_t stream = 0;  // CUPTI's ID, not a handle
  std::uint32_t device = 0;
  std::uint32_t flags = 0;                  // ActivityFlag
  std::uint32_t graph = 0;                  // not 0: part of a graph's launch
  std::uint32_t nodes = 0, host_nodes = 0;  // graph_launch
  std::uint64_t start = 0, end = 0;         // ns on the device's timeline; both 0 when not known
  std::uint64_t bytes = 0;                  // copy, memset, allocation, release, module
  std::uint64_t event = 0;                  // event_record, stream_wait, event_sync: which event
  std::int32_t grid[3] = {}, block[3] = {};
  std::uint32_t registers = 0, shared_bytes = 0;
};

// As it stands in shared memory.
struct ActivityRecord : ActivityFields {
  char name[128] = {};  // kernel: demangled; copy: "H2D"; library: path
};

struct Activity : ActivityFields {
  std::string name;
};

// What one command of the audit pass recorded.
struct PhaseRecording {
  std::string name;
  int calls = 0;
  bool drained = true;  // the device came to rest
  std::uint64_t dropped = 0;
  std::vector<Activity> activities;  // in any order
};

struct Recording {
  std::string tool;
  std::vector<PhaseRecording> phases;
};

// Pure. How the order of work within a call is decided: docs/timing.md, "The audit pass".
model::Census census_of(const Recording&);

}  // namespace aisp::judge
