// Recorded results as one flat table, for spreadsheets and scripts. Pure functions.
#pragma once

#include "analysis/markdown.hpp"
#include "record/stored_run.hpp"

#include <string>
#include <vector>

namespace aisp::analysis {

Cells flat_header();
// A row for each variant that was judged, with plain numbers: seconds, ratios, shares; "" for what is not there.
std::vector<Cells> flat_rows(const record::StoredRun&);

std::string csv_line(const Cells&);                  // RFC 4180, ended by a newline alone
std::string flat_markdown(std::vector<Cells> rows);  // with the header

}  // namespace aisp::analysis
