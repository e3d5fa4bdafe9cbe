// What the audit pass under CUPTI says about a CUDA variant, beside what it breaks (validity/cuda.cpp). Pure functions
// of evidence.
#pragma once

#include "model/evidence.hpp"
#include "model/verdict.hpp"

#include <string>
#include <vector>

namespace aisp::analysis {

// The work of an audited call over the time of a timed one; beyond it a note says so. Clocks differ between the passes.
inline constexpr double kBusyOverTimed = 1.25;

// What is worth knowing and breaks no rule: library kernels in a variant that is not a peer, allocations, modules
// loaded and copies to the host in timed calls, launches that the census cannot follow.
std::vector<std::string> census_notes(const model::VariantEvidence&, double median_seconds);

// Whether its kernels can launch kernels, so that the census knows neither all launches nor all of the device's work.
bool launches_from_device(const model::VariantEvidence&);

// The library that a kernel of this name comes from; "" when none is recognised.
std::string library_of_kernel(const std::string& name);

// Work of an audited call over the median timed call; 0 when either is unknown.
double busy_over_timed(const model::VariantEvidence&, double median_seconds);

}  // namespace aisp::analysis
