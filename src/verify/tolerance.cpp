// How much rounding an honest variant may show, and why.
//
// A chain of n roundings in arithmetic of unit roundoff eps, with random rounding errors, has an error of about
// √n · eps / 3 of the magnitudes that it sums when all terms have one sign (the partial sums then grow linearly and
// each rounding is uniform within half an ulp: variance Σ (k/n)² / 3 · 2/3), and about eps / 2 when their signs are
// random (Higham, Accuracy and Stability of Numerical Algorithms, 2nd ed., §2.8 and §4.2). Blocked, pairwise and
// vectorised sums are below that. So
//
//   element  8 + 4√n   twelve times the one-signed deviation, so that no element of 10^9 strays there, and 8 for the
//                      function evaluations of elementwise work (a vector math library's 4 ulp, both ways);
//   norm     2 + ¾√n   the error of a whole tensor of N elements is near its deviation: twice that, and a margin of
//                      6 / √N for tensors with few elements, up to the element tolerance for a single one.
//
// What that still tells apart: a sum of depth ≥ 64 that is *accumulated* in f16 or tf32 (eps 2^13 times larger than
// f32) or bf16 (2^16 times) is 2^13 / 12 or more times beyond the element tolerance. Products of inputs that were
// *rounded* to tf32 or f16 and then summed in f32 are off by about 6500 eps / √n of Σ|terms|, which the norm tolerance
// catches up to a depth of about 8000.
#include <algorithm>
#include <cmath>

#include "verify/compare.hpp"

namespace aisp::verify {

Tolerance derived_tolerance(const Problem& problem) {
  const double root = std::sqrt(static_cast<double>(problem.depth));
  std::int64_t fewest = 0;
  for (const auto& t : problem.tensors)
    if (t.writable() && is_float(t.dtype)) fewest = fewest ? std::min(fewest, t.elements()) : t.elements();
  const double spread = 1 + 6 / std::sqrt(static_cast<double>(std::max<std::int64_t>(fewest, 1)));
  Tolerance t;
  t.element = 8 + 4 * root;
  t.norm = std::min(t.element, (2 + 0.75 * root) * spread);
  return t;
}

Tolerance effective_tolerance(const Problem& problem) {
  return problem.tolerance ? *problem.tolerance : derived_tolerance(problem);
}

}  // namespace aisp::verify
