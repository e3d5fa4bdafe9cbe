// Counters of a profile in words with their units. Pure functions.
#pragma once

#include "model/profile.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace aisp::analysis {

enum class Amount : std::uint8_t { count, bytes, seconds };

// "7.6 times fewer instructions (12.3 M → 1.62 M a call)"; differences below 5 % are "about as many". Time is less or
// more.
std::string compared(const std::string& what, double before, double after, Amount = Amount::count);

// A variant's counters by themselves, one line each, kinds together: "4.83 MB through L2 a call".
std::vector<std::string> in_words(const model::VariantProfile&);

// What a variant's counters say against the baseline's, one sentence each. Counters that one of them lacks say nothing,
// nor do those that are zero, or no more than noise, in both.
std::vector<std::string> in_plain_words(const model::VariantProfile& baseline, const model::VariantProfile& variant);

}  // namespace aisp::analysis
