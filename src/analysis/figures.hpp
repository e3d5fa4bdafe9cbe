// The pictures of the HTML report, as HTML with inline SVG: no scripts, no fixed colours, readable at any width.
#pragma once

#include "record/run_data.hpp"

#include <string>

namespace aisp::analysis {

// Every accepted speedup of the run with its interval, over its target; "" when there is none.
std::string speedup_figure(const record::RunData&);
// How the samples of each variant of a target are distributed, on one axis of so many bins; "" without samples.
std::string samples_figure(const model::TargetEvidence&, int bins);
// The variants of a target under the ceilings that its floor comes from; "" where its cost has no floating-point part
// or a ceiling is unknown.
std::string roofline_figure(const model::TargetEvidence&, const model::TargetVerdict*);

}  // namespace aisp::analysis
