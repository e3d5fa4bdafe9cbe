// A recorded run as text for people. Pure functions.
#pragma once

#include "record/run_data.hpp"
#include "record/stored_run.hpp"

#include <string>

namespace aisp::analysis {

// GitHub-flavoured markdown: summary table, then per target its variants, environment, violations and provenance.
// Text that came from plugins or files is escaped.
std::string markdown_report(const record::RunData&);
// The same with figures, as one HTML file that needs nothing else and stays below 2 MB: of runs that are larger,
// distributions of samples are thinned out, then left out, then the last targets are; the file says so.
std::string html_report(const record::RunData&);

using record::Summary;
Summary summarise(const record::RunData&);
// "3 targets: 2 FAST, 1 SAME · mean of the best speedups 2.31× · 960 of 960 timed calls verified"
std::string summary_line(const Summary&);

}  // namespace aisp::analysis
