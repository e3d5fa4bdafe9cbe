// The cases of a workload: its declaration run with different choices of its parameters. Each throws
// std::invalid_argument, with the target's name, when the declaration makes no sense.
#pragma once

#include <aisp/workload.hpp>

#include <vector>

#include "verify/random.hpp"

namespace aisp::verify {

Problem declare(const WorkloadEntry&, const Workload::Choose&);

Problem light_case(const WorkloadEntry&);
Problem full_case(const WorkloadEntry&);
// Each edge of each parameter, one at a time, the other parameters light.
std::vector<Problem> edge_cases(const WorkloadEntry&);
// Parameters with a held-out range take a multiple within it that the key picks; the others are light.
Problem held_out_case(const WorkloadEntry&, Key);

// "rows=37 cols=1001", for messages.
std::string describe_params(const Problem&);

}  // namespace aisp::verify
