// The elements of a draw as a thread of a GPU makes them: four from one block of random words. The host draws in chunks
// instead (distributions.cpp); a unit test holds the two against each other.
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
    return normal_value(own.word[q], std::is_same_v<T, float> ? own.word[(q + 1) % 4] : low.word[q], a, b);
  }
}

// Elements 256 · group + 64 · q + lane for q = 0 … 3. T: std::int64_t for integers and permutations, else double or
// float as the drawing says.
template <class T>
AISP_INLINE void draw_four(const Drawing& d, std::int64_t group, std::uint32_t lane, std::byte* out) {
  const bool wide =
      std::is_same_v<T, double> || (std::is_same_v<T, std::int64_t> && d.values == Drawing::Values::integers);
  const Block own = group_block(d.key, Plane::value, group, lane);
  Block low{}, mask{}, shape{}, of_block{};
  if (wide) low = group_block(d.key, Plane::low_bits, group, lane);
  if (d.sparse) mask = group_block(d.key, Plane::mask, group, lane);
  if (d.hard.family != Family::none) {
    shape = group_block(d.key, Plane::shape, group, lane);
    if (d.hard.family == Family::blocks) of_block = group_block(d.key, Plane::shape, group, 0);
  }
  AISP_UNROLL
  for (int q = 0; q < 4; ++q) {
    const std::int64_t i = group * kGroup + q * kLanes + lane;
    if (i >= d.elements) break;
    T v = base_value<T>(d, own, low, q, i);
    if (d.sparse) v = mask.word[q] < d.keep ? v : T(0);
    round_element(d.dtype, harden_any(d.hard, shape.word[q], of_block.word[q], i, v), out, i);
  }
}

}  // namespace aisp::verify
