// A run of some targets for a command that needs a result and finds none stored: judged and saved like any other.
#pragma once

#include "app/catalogue.hpp"
#include "app/options.hpp"
#include "app/timing_options.hpp"
#include "record/run_data.hpp"

#include <optional>
#include <string>
#include <vector>

namespace aisp::app {

// Throws UsageError for what cannot run here, std::runtime_error when the run was interrupted.
record::RunData fresh_run(const Context&, const Catalogue&, const std::vector<model::TargetInfo>&,
                          const TimingOptions&);

// The newest stored run that holds a verdict on the target, on the device and at the scale asked for, if any was;
// nothing when there is none.
std::optional<record::RunData> newest_run_with(const Context&, const std::string& target, const TimingOptions&);

}  // namespace aisp::app
