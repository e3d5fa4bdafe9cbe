// A profile for people and for other tools. Pure functions.
#pragma once

#include "model/profile.hpp"

#include <string>
#include <vector>

namespace aisp::analysis {

// Every variant: counters per call, derived rates, where its time goes, what is missing and why.
std::string profile_text(const model::TargetProfile&);
// Fills in what the variants' counters say, for the document.
void compare_with_baseline(model::TargetProfile&);

// Trace Event Format, as chrome://tracing and Perfetto read it: a process a variant, its phases and calls as slices;
// on a GPU a track for each stream, with its kernels and copies.
std::string chrome_trace(const model::TargetProfile&);

}  // namespace aisp::analysis
