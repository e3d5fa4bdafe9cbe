// One element of an output against its expectation, and the sums over elements that a Comparison is made from: shared
// by the loops of the CPU and the kernels of a GPU.
#pragma once

#include <aisp/problem.hpp>

#include <cmath>
#include <cstdint>

#include "model/evidence.hpp"
#include "verify/inline.hpp"

namespace aisp::verify {

// The tolerance of one element in absolute terms: of_scale · |scale| + of_value · |expected| + slack.
struct ElementBound {
  double of_scale = 0;  // tolerance · eps(arithmetic)
  double of_value = 0;  // eps(output): rounding the result to its dtype
  double slack = 0;     // what underflow may take: a scale of 0 is matched up to this
  double largest = 0;   // magnitudes from here on round to infinity
};
ElementBound element_bound(DType output, DType arithmetic, double tolerance);

struct Difference {
  double error = 0;  // |got − expected|; infinity where that has no meaning
  double ratio = 0;  // over the element's tolerance: above 1 is wrong
};

AISP_INLINE Difference difference(double got, double expected, double scale, const ElementBound& bound) {
  if (std::isnan(expected)) return {0, std::isnan(got) ? 0 : HUGE_VAL};
  if (std::isnan(got)) return {HUGE_VAL, HUGE_VAL};
  if (std::isinf(expected) || std::isinf(got)) {
    if (got == expected) return {0, 0};
    // A finite expectation that is beyond the dtype, or within rounding of it, may come out as its infinity.
    const double tolerance = bound.of_scale * scale + bound.of_value * std::fabs(expected);
    if (std::isinf(got) && std::isfinite(expected) && std::signbit(got) == std::signbit(expected) &&
        std::fabs(expected) + tolerance >= bound.largest)
      return {0, 0};
    return {HUGE_VAL, HUGE_VAL};
  }
  const double error = std::fabs(got - expected);
  return {error, error / (bound.of_scale * scale + bound.of_value * std::fabs(expected) + bound.slack)};
}

struct Tally {
  double worst = 0;  // error / tolerance
  double error2 = 0, scale2 = 0, expected2 = 0;
  std::int64_t wrong = 0, untouched = 0, nonfinite = 0, first_wrong = -1;

  // `later` covers elements behind these.
  AISP_INLINE void add(const Tally& later) {
    worst = later.worst > worst ? later.worst : worst;
    error2 += later.error2;
    scale2 += later.scale2;
    expected2 += later.expected2;
    wrong += later.wrong;
    untouched += later.untouched;
    nonfinite += later.nonfinite;
    if (first_wrong < 0) first_wrong = later.first_wrong;
  }

  // `untouched_at(i)` tells whether element i still holds what it held before the call.
  template <class Untouched>
  AISP_INLINE void add_wrong(std::int64_t i, bool not_finite, const Untouched& untouched_at) {
    if (first_wrong < 0) first_wrong = i;
    ++wrong;
    nonfinite += not_finite;
    untouched += untouched_at(i);
  }

  template <class Untouched>
  AISP_INLINE void add_float(std::int64_t i, double got, double expected, double scale, const ElementBound& bound,
                             const Untouched& untouched_at) {
    const double s = std::fabs(scale);
    if (std::isfinite(got) && std::isfinite(expected)) {  // what difference() gives, with a division where it matters
      const double error = std::fabs(got - expected);
      const double tolerance = bound.of_scale * s + bound.of_value * std::fabs(expected) + bound.slack;
      if (error > worst * tolerance) {
        const double ratio = error / tolerance;
        if (ratio > 1) add_wrong(i, false, untouched_at);
        worst = ratio > worst ? ratio : worst;
      } else if (error > tolerance && error / tolerance > 1) {
        add_wrong(i, false, untouched_at);
      }
      error2 += error * error;
      scale2 += std::isfinite(s) ? s * s : 0;
      expected2 += expected * expected;
      return;
    }
    const Difference d = difference(got, expected, s, bound);
    if (d.ratio > 1) add_wrong(i, !std::isfinite(got) && std::isfinite(expected), untouched_at);
    if (std::isnan(expected) || !std::isfinite(d.error)) {
      if (d.ratio > 1) worst = HUGE_VAL;
      return;  // beyond what a norm can say; the element counts
    }
    worst = d.ratio > worst ? d.ratio : worst;
    error2 += d.error * d.error;
    scale2 += std::isfinite(s) ? s * s : 0;
    expected2 += std::isfinite(expected) ? expected * expected : 0;
  }

  template <class Untouched>
  AISP_INLINE void add_integer(std::int64_t i, double got, double expected, const Untouched& untouched_at) {
    if (got == expected) return;
    add_wrong(i, false, untouched_at);
    const double error = 2 * std::fabs(got - expected);  // the tolerance is half a unit
    if (std::isnan(error))
      worst = HUGE_VAL;
    else if (error > worst)
      worst = error;
  }
};

// What a whole tensor's tally says; `got` and `expected` are those of the first wrong element, if there is one.
model::Comparison conclude(const TensorSpec&, DType arithmetic, const Tolerance&, const Tally&, double got,
                           double expected);

}  // namespace aisp::verify
