// What is wrong with a judged target, in words.
#pragma once

#include <string>
#include <vector>

#include "model/evidence.hpp"
#include "model/verdict.hpp"

namespace aisp::analysis {

// How a variant ended that did not run to its end: "crashed: signal 11".
std::string ending(const model::VariantEvidence&);

// The first wrong output: "wrong in TENSOR'S CASE: 3 of 64 elements of y, first at 7: got 1, expected 2"; "" where none
// is.
std::string first_wrong(const model::VariantEvidence&);

// What the sandbox refused it, and what that costs: "the sandbox refused setpriority 3 times; …". "" where it refused
// nothing.
std::string refused_calls(const model::VariantEvidence&);

// A line for each variant that did not run or was wrong, and one for each violation: what was seen, what is expected,
// what to do. Messages in it are the workers' own words.
std::vector<std::string> faults(const model::TargetEvidence&, const model::TargetVerdict&);

}  // namespace aisp::analysis
