// Bulk conversions between elements of a tensor and the numbers that the judge computes with.
#pragma once

#include <aisp/dtype.hpp>

#include <cstddef>
#include <cstdint>

namespace aisp::verify {

// Rounds `count` values to `dtype`, to nearest even, clamped to its finite range, and stores them at `out`. T is float,
// double, std::int32_t or std::int64_t. A double becomes a narrow float in one rounding.
template <class T> void round_to(DType dtype, const T* values, std::int64_t count, std::byte* out);

// Elements [0, count) at `bytes` as doubles (i64 beyond 2^53 is rounded).
void widen(DType dtype, const std::byte* bytes, std::int64_t count, double* out);

// Largest value of `dtype` that is less than x (for half-open intervals).
double below(DType dtype, double x);

}  // namespace aisp::verify
