// Checks C = A·B without computing it (Freivalds, "Probabilistic machines can use less running time", IFIP 1977), with
// real multipliers and in blocks of 16 columns, so that rounding stays comparable with the tolerance.
//
// For each block J of columns and multipliers r_j, |r_j| in [½, 1½) with a random sign, drawn after the call ended:
//
//     residual(i, J) = Σ_j r_j C[i, j] − A[i, :] · (Σ_j r_j B[:, j])              for each row i, in double
//     bound(i, J)    = tau · ‖A[i, :]‖₂ · ‖B[:, J]‖_F + eps(output) · Σ_j |r_j C[i, j]| + slack
//
// with tau = 1.1 · element tolerance · eps(arithmetic) (the element tolerance grows like √K: tolerance.cpp). By
// Cauchy–Schwarz Σ_k |a_ik b_kj| ≤ ‖a_i‖ ‖b_j‖, so an honest row's residual, a sum of up to 16 independent rounding
// errors of root mean square multiplier √(13/12), stays below the bound wherever its elements stay within the
// tolerance. Cost: 1/16 of the product.
//
// Detectable error: since |r_j| ≥ ½, a single wrong element in a row's block is always caught when its error is at
// least 4 · bound(i, J), however the multipliers fall; on data of even magnitude that is about 25 element tolerances.
// (Where the nonzeros of A's row and B's columns avoid each other the bound is looser by the ratio ‖a_i‖ ‖b_j‖ / Σ_k
// |a_ik b_kj|.) Several wrong elements can cancel only by chance: each r_j has density ½ on its support, so an error of
// size E is accepted with probability at most 2 · bound / E for each block that has one, independently for each block
// and call. Beside that, any element that still holds the poison and four random rows are verified exactly, and the
// residuals estimate ‖C − A·B‖_F for the norm tolerance.
#pragma once

#include <aisp/problem.hpp>

#include <cstddef>
#include <span>

#include "model/evidence.hpp"
#include "verify/product.hpp"
#include "verify/random.hpp"

namespace aisp::verify {

// Compares `got`, the bytes of C, with the product of a and b. `wrong` counts the elements that were located by
// recomputing, and one for each further block that is wrong: a lower bound.
model::Comparison freivalds(const TensorSpec& c, const ProductShape&, DType arithmetic, const Tolerance&,
                            std::span<const double> a, std::span<const double> b, std::span<const std::byte> got,
                            std::span<const std::byte> poison, Key key, int threads = 1);

}  // namespace aisp::verify
