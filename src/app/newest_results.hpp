// The newest result of every target below the artifacts folder, for commands that say how things stand now.
#pragma once

#include "app/options.hpp"
#include "record/run_data.hpp"

#include <string>
#include <vector>

namespace aisp::app {

struct Newest {
  record::RunData run;               // one with at least one of them
  std::vector<std::string> targets;  // those of its targets that no later run has judged
};

// Newest run first. A result belongs to a target, a device, a scale and a machine (for CUDA: a kind of GPU); runs that
// cannot be read are named on stderr.
std::vector<Newest> newest_results(const Context&);

// The GPU or processor that a target of a run ran on, by name.
std::string hardware_name(const record::RunData&, const model::TargetEvidence&);

}  // namespace aisp::app
