// Every command of the binary; each function registers one group, in the file of its name.
#pragma once

#include "app/options.hpp"

namespace aisp::app {

void add_commands(CLI::App& root, Context&);  // all of them

void add_bench_list(CLI::App& bench, Context&);    // list-chapters, list-targets
void add_system(CLI::App& root, Context&);         // system info, system env
void add_bench_peak(CLI::App& bench, Context&);    // theoretical-peak, peak
void add_hardware(CLI::App& root, Context&);       // utils dump-hw, probe-hw
void add_clean_version(CLI::App& root, Context&);  // clean, version

}  // namespace aisp::app
