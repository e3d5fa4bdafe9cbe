// What the kernel hands out for a perf event, apart from the system calls.
#pragma once

#include "device/cpu/facts.hpp"

namespace aisp::device::perf {

// read(2) of one event: PERF_FORMAT_TOTAL_TIME_ENABLED | PERF_FORMAT_TOTAL_TIME_RUNNING.
struct Reading {
  std::uint64_t value = 0, enabled = 0, running = 0;
};
// The total when an event shared its counter with others for part of the time; 0 when it never ran.
double scaled(const Reading&);

// Whether a seccomp filter refuses perf_event_open to this process, whatever it asks for.
bool filtered();

// One line for the errno of perf_event_open; `paranoid` is the text of kernel.perf_event_paranoid.
std::string why(int error, const std::string& paranoid, bool filtered = false);

}  // namespace aisp::device::perf
