// The tools of `aisp utils`; each function registers one, in the file of its name.
#pragma once

#include "app/options.hpp"

#include <string>
#include <vector>

namespace aisp::app {

void add_kv_cache(CLI::App& utils, Context&);
void add_cost_per_token(CLI::App& utils, Context&);
void add_spec_config_sweep(CLI::App& utils, Context&);
void add_cluster_size(CLI::App& utils, Context&);
void add_compare_precision(CLI::App& utils, Context&);
void add_detect_cutlass(CLI::App& utils, Context&);
void add_async_input_sweep(CLI::App& utils, Context&);
void add_hardware(CLI::App& utils, Context&);  // dump-hw, probe-hw

// A tool whose help ends with its formula, where that comes from, and an example.
CLI::App* add_tool(CLI::App& utils, Context&, const std::string& name, const std::string& about,
                   const std::string& method, const std::string& example, std::function<int()> action);

}  // namespace aisp::app
