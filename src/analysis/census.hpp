// What the audit pass under CUPTI says about a CUDA variant. Pure functions of evidence.
#pragma once

#include "model/evidence.hpp"
#include "model/verdict.hpp"

#include <string>
#include <vector>

namespace aisp::analysis {

// How much longer than its call a call's work may seem: a share, plus what the stamps of neighbouring activities vary.
inline constexpr double kBusyShare = 1.02;
inline constexpr double kBusySeconds = 2e-6;

// The work of an audited call over the time of a timed one; beyond it a note says so. Clocks differ between the passes.
inline constexpr double kBusyOverTimed = 1.25;

// Broken rules, by issue of the validity catalogue. Where records were dropped, nothing is concluded from order.
std::vector<model::Violation> census_offences(const model::VariantEvidence&);

// What is worth knowing and breaks no rule: library kernels in a variant that is not a peer, allocations, modules
// loaded and copies to the host in timed calls, launches that the census cannot follow.
std::vector<std::string> census_notes(const model::VariantEvidence&, double median_seconds);

// The library that a kernel of this name comes from; "" when none is recognised.
std::string library_of_kernel(const std::string& name);

// Work of an audited call over the median timed call; 0 when either is unknown.
double busy_over_timed(const model::VariantEvidence&, double median_seconds);

}  // namespace aisp::analysis
