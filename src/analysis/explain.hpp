// Why a variant is faster than its baseline, or is not: what its evidence says, in plain words. Pure.
#pragma once

#include "model/evidence.hpp"
#include "model/verdict.hpp"

#include <string>
#include <vector>

namespace aisp::analysis {

struct Explanation {
  std::string result;                // "4.61× (4.46–4.86×), FAST: 4.11 ms → 902 µs a call"
  std::vector<std::string> limits;   // the floor, how near it is, what binds before and after
  std::vector<std::string> changed;  // counters, census, setup: one sentence each
  std::vector<std::string> kernels;  // registers, shared memory and spills of each, the baseline's first
  std::vector<std::string> remarks;  // violations, notes of the verdict, what is not known and why
};

// The fastest correct variant that is neither the baseline nor a peer; "" when there is none.
std::string best_variant(const model::TargetEvidence&, const model::TargetVerdict&);

// The variant must be in both.
Explanation explain(const model::TargetEvidence&, const model::TargetVerdict&, const std::string& variant);

}  // namespace aisp::analysis
