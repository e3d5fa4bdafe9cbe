// --target-extra-arg 'TARGET=--m 4096 --n 4096': other parameters for single targets of a run; --ranks for all that
// have ranks.
#pragma once

#include "app/workloads.hpp"
#include "judge/judge.hpp"

#include <string>
#include <vector>

namespace aisp::app {

struct Entry;

// What each text asks for, by target. Throws UsageError for a text of another form, a target that does not run, a
// parameter that its workload does not have, and a value that is no whole number from 1 to 2^40.
std::map<std::string, judge::Choices> choices_of(const std::vector<std::string>& texts, const std::vector<Entry>&,
                                                 WorkloadLibraries&);

// The texts that --ranks stands for: one for each target that has ranks. Throws UsageError when none has, or one cannot
// have so many.
std::vector<std::string> ranks_as_extra_args(int ranks, const std::vector<Entry>&, WorkloadLibraries&);

}  // namespace aisp::app
