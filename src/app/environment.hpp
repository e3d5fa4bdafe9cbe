// Settings of a machine that hurt benchmarks, and how to fix each.
#pragma once

#include "device/cpu/facts.hpp"

#include <string>
#include <vector>

namespace aisp::app {

struct EnvironmentCheck {
  enum class State { good, bad, unknown };
  std::string setting;  // "governor"
  State state = State::unknown;
  std::string found, wanted;
  std::string why;      // what it does to a measurement
  std::string command;  // what fixes it; "" when nothing is to be done here
};

// Facts that are not part of CpuFacts.
struct EnvironmentFacts {
  std::string perf_event_paranoid;  // "" = unknown
  double load1 = 0;
};
EnvironmentFacts read_environment_facts();

// Pure.
std::vector<EnvironmentCheck> check_environment(const device::CpuFacts&, const EnvironmentFacts&);

}  // namespace aisp::app
