// Whether constants could be composed before the clock runs: a chain of products with constant matrices is linear in
// what is fresh, so `bind` can work out one matrix, and a call is one product instead of all. Found by trying: the
// reference is evaluated on mixtures of drawn inputs, and on inputs of which one element was changed.
#pragma once

#include <aisp/problem.hpp>

#include "verify/random.hpp"

#include <functional>
#include <optional>

namespace aisp::verify {

struct Composition {
  double work = 0;       // FLOPs of the composed map: a multiply-add for each pair of an output and what it depends on
  bool several = false;  // linear in each fresh input with the others fixed, not in all together
};

// A Case with all inputs widened and outputs computed, from one array of doubles for each tensor (empty: an output).
using Evaluate = std::function<Case(const std::vector<std::vector<double>>& inputs)>;

// Nothing where outputs are not linear in the fresh inputs, or where it cannot be told: without constants, and where an
// integer input is a permutation or drawn by the workload, so that mixtures of two draws are none. `a`, `b`: two draws
// of the fresh inputs, constants the same. Work of a map that is linear in several inputs is counted from above.
std::optional<Composition> composition(const Problem&, const Evaluate&, const std::vector<std::vector<double>>& a,
                                       const std::vector<std::vector<double>>& b, Key);

}  // namespace aisp::verify
