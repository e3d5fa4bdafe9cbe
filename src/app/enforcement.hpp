// What follows from a violation: `bench run --verify-phase detect|quarantine|gate`.
#pragma once

#include "app/suite.hpp"

#include <string>
#include <vector>

namespace aisp::app {

// detect      violations are told; the exit status is that of the rest
// quarantine  the same, and the variants are kept in the quarantine until a run in which they break no rule
// gate        the same, and exit 4
inline const std::vector<std::string> kPhases{"detect", "quarantine", "gate"};

// Brings the quarantine up to date and settles the outcome's exit code. Speedups are withheld in every phase.
void enforce(const std::string& phase, const Context&, const record::Run&, const std::vector<Entry>&, SuiteOutcome&);

}  // namespace aisp::app
