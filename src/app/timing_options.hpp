// How a target is measured: options that `bench run`, `bench verify` and `judge` share.
#pragma once

#include "app/options.hpp"
#include "judge/judge.hpp"

#include <memory>
#include <string>

namespace aisp::app {

struct TimingOptions {
  std::string scale;  // "" = default_scale()
  std::string device = "auto";
  int pairs = 0;        // 0 = planned from a pilot
  int restarts = 0;     // 0 = the judge's default
  double timeout = 30;  // seconds for one command to a worker
  std::string seed;     // 1 to 64 hexadecimal digits; "" = from the system
};

// Adds --scale, --device, --seed and --timeout, and for timed commands --pairs and --restarts.
void add_timing_options(CLI::App& command, TimingOptions&, bool timed);

// The judge's settings; the device is each target's own (devices.hpp).
judge::Settings judge_settings(const TimingOptions&);

}  // namespace aisp::app
