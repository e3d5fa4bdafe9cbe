// How a target is measured: options that `bench run`, `bench verify` and `judge` share.
#pragma once

#include "app/options.hpp"
#include "judge/judge.hpp"
#include "record/run_data.hpp"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace aisp::app {

struct TimingOptions {
  std::string scale;  // "" = default_scale()
  std::string device = "auto";
  int pairs = 0;        // 0 = planned from a pilot
  int restarts = 0;     // 0 = the judge's default
  double timeout = 30;  // seconds for one command to a worker
  std::string seed;     // 1 to 64 hexadecimal digits; "" = from the system
  std::string replay;   // the run whose rounds are played again; "" = none
};

// Adds --scale, --device, --seed and --timeout, and for timed commands --pairs and --restarts.
void add_timing_options(CLI::App& command, TimingOptions&, bool timed);

// Adds --replay, after add_timing_options(), with which it excludes what the run to replay says.
CLI::Option* add_replay_option(CLI::App& command, TimingOptions&);
// The run that --replay names, if any; its scale becomes that of the options.
std::optional<record::RunData> replayed_run(const Context&, TimingOptions&);
// Makes the settings play the rounds of that run on these targets again. Throws UsageError when it does not hold them.
void replay(const record::RunData&, const std::vector<std::string>& targets, judge::Settings&);

// The judge's settings; the device is each target's own (devices.hpp).
judge::Settings judge_settings(const TimingOptions&);

}  // namespace aisp::app
