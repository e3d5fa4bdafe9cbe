// What the oracle and the lint share: the inputs of a call as the reference sees them.
#pragma once

#include <aisp/problem.hpp>

#include <cstddef>
#include <span>
#include <vector>

namespace aisp::verify {

// Inputs widened, outputs still empty, in the memory of `reused`. Throws std::invalid_argument when sizes do not match
// the declaration.
Case widen_inputs(const Problem&, const std::vector<std::span<const std::byte>>& tensors, Case reused = {},
                  int threads = 1);
// Outputs sized: inout as they were, the others filled with `fill`.
void size_outputs(Case&, double fill);

}  // namespace aisp::verify
