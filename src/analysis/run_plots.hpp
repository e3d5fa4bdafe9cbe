// The pictures of a run for gnuplot: what the HTML report draws, as files of their own.
#pragma once

#include "analysis/plot.hpp"
#include "record/run_data.hpp"

#include <string>
#include <vector>

namespace aisp::analysis {

struct NamedPlot {
  std::string name;  // of a file, without its ending: "ch09.speedups", "ch09_softmax.samples"
  Plot plot;
};

// Speedups with their intervals, one picture a chapter; of each target the distributions of its samples, and its
// roofline where its cost has arithmetic. What there is nothing to draw of is not there.
std::vector<NamedPlot> run_plots(const record::RunData&);

}  // namespace aisp::analysis
