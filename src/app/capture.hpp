// One run of any command, watched from outside: what it took and what it said at its end.
#pragma once

#include "model/evidence.hpp"

#include <atomic>
#include <chrono>
#include <string>
#include <vector>

namespace aisp::app {

struct Capture {
  bool started = false;
  std::string ending;  // "exit status 0", "killed by SIGSEGV", "stopped after 60 s", or why it did not start
  int exit_code = -1;  // −1: did not end by itself
  double wall_seconds = 0, user_seconds = 0, system_seconds = 0;
  std::int64_t peak_rss_bytes = 0;
  std::int64_t minor_faults = 0, major_faults = 0, voluntary_switches = 0, involuntary_switches = 0;
  std::vector<model::Counter> counters;  // of the command and its children, user space alone
  std::string counters_absent;
  std::string output;  // of both streams, the end of it: at most kCaptured bytes
  std::uint64_t output_bytes = 0;
};

inline constexpr std::size_t kCaptured = 1u << 20;

// Runs it with this process's environment and folder, without input. After `deadline`, or once `interrupted`, it is
// ended with its children.
Capture capture(const std::vector<std::string>& command, std::chrono::seconds deadline,
                const std::atomic<bool>* interrupted = nullptr);

}  // namespace aisp::app
