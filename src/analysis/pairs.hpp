// Samples that were taken in the same rounds.
#pragma once

#include "model/evidence.hpp"
#include "stats/stats.hpp"

#include <vector>

namespace aisp::analysis {

bool usable(const model::Sample&);  // has a time

// Times of the rounds in which both have a sample, by restart. The first sample of a round counts.
std::vector<stats::PairedTimes> pair_up(const model::VariantEvidence& baseline, const model::VariantEvidence& variant);

}  // namespace aisp::analysis
