// Results of other programs as tables: for aisp import results and aisp bench compare-runs.
#pragma once

#include "import/results.hpp"

#include <string>

namespace aisp::app {

// Reads a file of results; UsageError with the file and the line of what is wrong.
import::Results read_results(const std::string& path);
// Whether compare-runs is asked to compare files of results rather than runs.
bool is_results_file(const std::string& path);
int compare_result_files(bool json, const std::string& before, const std::string& after);

}  // namespace aisp::app
