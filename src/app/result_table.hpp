// Results on stdout, as wide as the terminal allows.
#pragma once

#include "analysis/table.hpp"
#include "record/run_data.hpp"

#include <vector>

namespace aisp::app {

std::vector<analysis::Row> table_of(const record::RunData&);  // every variant of a recorded run
void print_table(const std::vector<analysis::Row>&);

}  // namespace aisp::app
