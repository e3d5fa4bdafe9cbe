// The elements of a draw as a thread of a GPU makes them: sixteen from one block of random words. The host draws whole
// groups instead (distributions.cpp); a unit test holds the two against each other.
#pragma once

#include <cstddef>
#include <type_traits>

#include "verify/drawing.hpp"
#include "verify/rounding.hpp"

namespace aisp::verify {

template <class T>
AISP_INLINE T harden_any(const Hard& hard, std::uint32_t shape, std::uint32_t of_block, std::int64_t i, T v) {
  switch (hard.family) {
    case Family::none: break;
    case Family::blocks: return hardened<Family::blocks>(hard, shape, of_block, i, v);
    case Family::one_sign: return hardened<Family::one_sign>(hard, shape, of_block, i, v);
    case Family::sorted: return hardened<Family::sorted>(hard, shape, of_block, i, v);
    case Family::mostly_zero: return hardened<Family::mostly_zero>(hard, shape, of_block, i, v);
    case Family::outliers: return hardened<Family::outliers>(hard, shape, of_block, i, v);
  }
  return v;
}

// Element i before it is made sparse or hard. `own` and `low` are its block's words of Plane::value and
// Plane::low_bits; word q is its own.
template <class T>
AISP_INLINE T base_value(const Drawing& d, const Block& own, const Block& low, int q, std::int64_t i) {
  if constexpr (std::is_same_v<T, std::int64_t>) {
    switch (d.values) {
      case Drawing::Values::small_integers:
        return integer_value(own.word[q], static_cast<std::int32_t>(d.lo), static_cast<std::uint32_t>(d.range));
      case Drawing::Values::permutation: {
        const Permutation& p = d.permutation;
        std::uint32_t x = cipher(static_cast<std::uint32_t>(i), p.left, p.right, p.keys);
        while (x > p.last) x = cipher(x, p.left, p.right, p.keys);
        return x;
      }
      case Drawing::Values::rotation: {
        const std::int64_t rotated = (i + d.shift) % d.elements;
        return d.reversed ? d.elements - 1 - rotated : rotated;
      }
      default: return integer_value(own.word[q], low.word[q], d.lo, d.range);
    }
  } else {
    const T a = static_cast<T>(d.a), b = static_cast<T>(d.b);
    if (d.values == Drawing::Values::uniform)
      return uniform_value(own.word[q], low.word[q], a, b, static_cast<T>(d.top));
    return normal_value(own.word[q], std::is_same_v<T, float> ? own.word[(q + 1) % kBlockWords] : low.word[q], a, b);
  }
}

// Whether an element needs a second word for its value.
template <class T> AISP_INLINE bool takes_low_bits(const Drawing& d) {
  if constexpr (std::is_same_v<T, std::int64_t>) return d.values == Drawing::Values::integers;
  return std::is_same_v<T, double>;
}

// Elements 1024 · group + 64 · q + lane for q = 0 … 15. T: std::int64_t for integers and permutations, else double or
// float as the drawing says. One plane of words after the other, so that they are never all in registers.
template <class T>
AISP_INLINE void draw_block(const Drawing& d, std::int64_t group, std::uint32_t lane, std::byte* out) {
  const std::int64_t first = group * kGroup + lane;
  T v[kBlockWords] = {};
  {
    const Block own = group_block(d.key, Plane::value, group, lane);
    Block low{};
    if (takes_low_bits<T>(d)) low = group_block(d.key, Plane::low_bits, group, lane);
    AISP_UNROLL
    for (int q = 0; q < kBlockWords; ++q) {
      const std::int64_t i = first + q * kLanes;
      if (i < d.elements) v[q] = base_value<T>(d, own, low, q, i);
    }
  }
  if (d.sparse) {
    const Block mask = group_block(d.key, Plane::mask, group, lane);
    AISP_UNROLL
    for (int q = 0; q < kBlockWords; ++q) v[q] = mask.word[q] < d.keep ? v[q] : T(0);
  }
  if (d.hard.family != Family::none) {
    const Block shape = group_block(d.key, Plane::shape, group, lane);
    Block of_block{};
    if (d.hard.family == Family::blocks) of_block = group_block(d.key, Plane::shape, group, 0);
    AISP_UNROLL
    for (int q = 0; q < kBlockWords; ++q)
      v[q] = harden_any(d.hard, shape.word[q], of_block.word[q], first + q * kLanes, v[q]);
  }
  AISP_UNROLL
  for (int q = 0; q < kBlockWords; ++q) {
    const std::int64_t i = first + q * kLanes;
    if (i < d.elements) round_element(d.dtype, v[q], out, i);
  }
}

}  // namespace aisp::verify
