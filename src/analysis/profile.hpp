// A profile for people and for other tools. Pure functions.
#pragma once

#include "model/profile.hpp"

#include <string>
#include <vector>

namespace aisp::analysis {

// "7.6 times fewer instructions (12.3 M → 1.62 M a call)"; differences below 5 % are "about as many".
std::string compared(const std::string& what, double before, double after);

// What a variant's counters say against the baseline's, one sentence each: "7.6 times fewer instructions (12.3 M → 1.62
// M a call)". Counters that both lack, or that are zero in both, say nothing.
std::vector<std::string> in_plain_words(const model::VariantProfile& baseline, const model::VariantProfile& variant);

// Every variant: counters per call, derived rates, where its time goes, what is missing and why.
std::string profile_text(const model::TargetProfile&);
// Fills in what the variants' counters say, for the document.
void compare_with_baseline(model::TargetProfile&);

// Trace Event Format, as chrome://tracing and Perfetto read it: a process a variant, its phases and calls as slices;
// on a GPU a track for each stream, with its kernels and copies.
std::string chrome_trace(const model::TargetProfile&);

}  // namespace aisp::analysis
