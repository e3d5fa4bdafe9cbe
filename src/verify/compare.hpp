// Does an output match the reference? Pure functions over bytes.
#pragma once

#include <aisp/problem.hpp>

#include "model/evidence.hpp"
#include "verify/random.hpp"
#include "verify/tally.hpp"

#include <cstddef>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace aisp::verify {

// The tolerance that the workload's arithmetic justifies: rounding errors of a chain of `depth` operations grow like
// √depth when they are random (Higham, Accuracy and Stability of Numerical Algorithms, 2nd ed., §2.8), plus rounding to
// the output's dtype.
Tolerance derived_tolerance(const Problem&);
Tolerance effective_tolerance(const Problem&);  // the stated one, else the derived one

// Elements of a tensor as doubles.
std::vector<double> to_doubles(DType, std::span<const std::byte>);
void to_doubles(DType, std::span<const std::byte>, std::span<double> into, int threads = 1);

// `scale` may be empty (|expected| then). `poison` is what the output held before the call, for telling untouched
// elements from wrong ones. NaN is right only where the reference has NaN, an infinity only where it has the same one
// (or a finite value that the dtype rounds to it). Integer dtypes compare exactly: their error is in halves of a unit.
model::Comparison compare(const TensorSpec&, DType arithmetic, const Tolerance&, std::span<const std::byte> got,
                          std::span<const double> expected, std::span<const double> scale,
                          std::span<const std::byte> poison, int threads = 1);

// Checks every output of one call: runs the reference (or the probabilistic check of a declared product) on the inputs.
// Split in two so that the reference runs once for all variants that got the same inputs.
class Oracle {
 public:
  // `tensors[i]` are the bytes of tensor i as the call saw them before it ran (outputs: empty span); they are copied,
  // the problem is referred to. `key` makes the multipliers of a probabilistic check: it must be derived from the
  // secret seed, and not be known to a variant before its call has ended. `reused` is the case of an oracle that is no
  // longer needed: its memory serves this one. Throws what the reference throws.
  Oracle(const Problem&, const std::vector<std::span<const std::byte>>& tensors, Key key, int threads = 1,
         Case reused = {});
  // `outputs[i]` the bytes of tensor i after the call, `poisons[i]` before it (both empty for read-only tensors).
  std::vector<model::Comparison> check(const std::vector<std::span<const std::byte>>& outputs,
                                       const std::vector<std::span<const std::byte>>& poisons) const;

  // True when outputs are checked in full against expected values, false when probabilistically (see freivalds.hpp).
  bool full() const { return full_; }
  const Case& expected() const { return case_; }
  Case release() && { return std::move(case_); }

 private:
  const Problem& problem_;
  Case case_;
  Key key_;
  int threads_;
  bool full_ = true;
};

// What is wrong with a declaration that only an execution shows: an output that does not vary with some fresh input, a
// degenerate problem, a tolerance looser than the arithmetic justifies, a reference that disagrees with the product
// check, that throws or leaves elements unwritten. Empty = clean.
std::vector<std::string> lint(const Problem&, Key key);

}  // namespace aisp::verify
