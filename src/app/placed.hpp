// Results of a run on its roofline, with the traffic that a stored profile counted of them.
#pragma once

#include "analysis/roofline.hpp"
#include "app/options.hpp"
#include "record/run_data.hpp"

#include <string>

namespace aisp::app {

// Adds a target of the run that has a verdict. The roofs of measured traffic are those of the run's GPU: what bench
// peak saved of it among the artifacts, else the vendor's. A profile that cannot be read is listed as left out.
void place_results(analysis::Roofline&, const Context&, const record::RunData&, const std::string& target);

}  // namespace aisp::app
