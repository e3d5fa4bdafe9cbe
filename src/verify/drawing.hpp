// The values of the input distributions, element by element, for the loops of the CPU and the kernels of a GPU. Only
// integer arithmetic, exactly rounded + − × and comparisons: compiled without contraction to fma, both get the same
// bits.
//
// uniform  lo + (hi − lo)·u with u = 24 random bits (53 for f64) / 2^bits, in f32 (f64), kept below hi in the dtype.
// normal   The sum of a binomial(32, ½) (the bits set in one random word) and a uniform on (−½, ½) (from another word),
//          centred and divided by √(8 + 1/12). Exact moments: mean 0, variance 1, skewness 0, excess kurtosis −0.0613;
//          largest magnitude 5.80. Its density is the binomial's histogram, within 1 % of the normal's within one
//          deviation: inputs for kernels, not for statistics.
// integers ⌊w·range / 2^32⌋ of a 32-bit word for ranges up to 2^20 (bias below 2^-12), of a 64-bit one beyond (2^-63
//          per value of the range).
#pragma once

#include <aisp/problem.hpp>

#include <bit>
#include <cstdint>
#include <type_traits>

#include "verify/chacha.hpp"
#include "verify/inline.hpp"

namespace aisp::verify {

// ---------------------------------------------------------------------------------------------------------------------
// Base distributions. `word` is the element's word of Plane::value, `low` that of Plane::low_bits, `next` the next word
// of its block.

AISP_INLINE float uniform_value(std::uint32_t word, std::uint32_t, float lo, float hi, float top) {
  const float width = hi - lo;
  const float x = lo + width * (static_cast<float>(static_cast<std::int32_t>(word >> 8)) * 0x1p-24f);
  return x > top ? top : x;
}

AISP_INLINE double uniform_value(std::uint32_t word, std::uint32_t low, double lo, double hi, double top) {
  const double width = hi - lo;
  const double u = static_cast<double>(word) * 0x1p-32 + static_cast<double>(low >> 11) * 0x1p-53;
  const double x = lo + width * u;
  return x > top ? top : x;
}

AISP_INLINE std::int32_t bits_set(std::uint32_t x) {
  x -= (x >> 1) & 0x55555555u;
  x = (x & 0x33333333u) + ((x >> 2) & 0x33333333u);
  x = (x + (x >> 4)) & 0x0f0f0f0fu;
  x += x >> 8;  // not the product with 0x01010101: compilers take that for a population count, which few vectors have
  return static_cast<std::int32_t>((x + (x >> 16)) & 0x3fu);
}

inline constexpr double kInverseDeviation = 0.35172622905632655;  // 1 / √(8 + 1/12)

// The jitter comes from the next word, multiplied so that it is not correlated with the bits set in that word.
AISP_INLINE float normal_value(std::uint32_t word, std::uint32_t next, float mean, float deviation) {
  constexpr auto unit = static_cast<float>(kInverseDeviation * 0x1p-25);
  const auto jitter = static_cast<std::int32_t>((next * 0x9E3779B1u) >> 8);  // [0, 2^24)
  const std::int32_t centred = (bits_set(word) - 16) * (1 << 25) + 2 * jitter + 1 - (1 << 24);
  return mean + deviation * (static_cast<float>(centred) * unit);
}

AISP_INLINE double normal_value(std::uint32_t word, std::uint32_t low, double mean, double deviation) {
  const double jitter = (static_cast<double>(low) + 0.5) * 0x1p-32 - 0.5;
  return mean + deviation * ((static_cast<double>(bits_set(word) - 16) + jitter) * kInverseDeviation);
}

AISP_INLINE std::int32_t integer_value(std::uint32_t word, std::int32_t lo, std::uint32_t range) {
  return lo + static_cast<std::int32_t>((std::uint64_t{word} * range) >> 32);
}

AISP_INLINE std::int64_t integer_value(std::uint32_t word, std::uint32_t low, std::int64_t lo, std::uint64_t range) {
  __extension__ using uint128 = unsigned __int128;
  const std::uint64_t wide = std::uint64_t{word} << 32 | low;
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(lo) +
                                   static_cast<std::uint64_t>((uint128{wide} * range) >> 64));
}

// Permutation of 0 … n − 1: a Feistel network on the next power of two, walked until it falls below n (Black and
// Rogaway, "Ciphers with arbitrary finite domains", CT-RSA'02).
struct Permutation {
  static constexpr int kRounds = 8;
  std::uint32_t last = 0;  // n − 1
  int left = 1, right = 1;
  std::uint32_t keys[kRounds] = {};
};
Permutation make_permutation(std::int64_t n, const Key&);

// One pass: (l, r) → (r, l ⊕ f(r)), halves of unequal width changing places.
AISP_INLINE std::uint32_t cipher(std::uint32_t x, int left, int right, const std::uint32_t* keys) {
  AISP_UNROLL
  for (int round = 0; round < Permutation::kRounds; ++round) {
    const int low = round % 2 ? left : right, high = round % 2 ? right : left;
    const std::uint32_t r = x & ((1u << low) - 1u), l = x >> low;
    std::uint32_t f = (r ^ keys[round]) * 0x85EBCA6Bu;
    f = (f ^ (f >> 15)) * 0xC2B2AE35u;
    x = (r << high) | ((l ^ (f >> 16)) & ((1u << high) - 1u));
  }
  return x;
}

// ---------------------------------------------------------------------------------------------------------------------
// The hard families of a mixed distribution. Values move towards `anchor` (0, or the end of the support that is next to
// it), so a bounded distribution keeps its bounds.

struct Hard {
  Family family = Family::none;
  bool flip = false;  // the other sign; falling instead of rising
  double anchor = 0;
  double lo = 0, hi = 0;        // support (of a normal distribution: ± 3 deviations, for the ramp)
  int down = 0, up = 0;         // powers of two that a block's magnitude may change by
  std::uint32_t threshold = 0;  // of a mask word: the share that stays (mostly_zero) or is large (outliers)
  double from = 0, step = 0;    // ramp per element
};

// A power of two, exactly.
template <class T> AISP_INLINE T power_of_two(int e) {
  if constexpr (std::is_same_v<T, float>)
    return std::bit_cast<float>(static_cast<std::uint32_t>(127 + e) << 23);
  else
    return std::bit_cast<double>(static_cast<std::uint64_t>(1023 + e) << 52);
}

AISP_INLINE double ramp(const Hard& hard, std::uint32_t shape, std::int64_t i) {
  return hard.from + hard.step * (static_cast<double>(i) + static_cast<double>(shape) * 0x1p-32);
}

// Element i of a tensor as its family has it. `shape` is its word of Plane::shape, `of_block` that of the first of the
// 64 elements that share a block's magnitude.
template <Family family, class T>
AISP_INLINE T hardened(const Hard& hard, std::uint32_t shape, std::uint32_t of_block, std::int64_t i, T v) {
  if constexpr (std::is_integral_v<T>) {  // the same shapes by shifts
    const auto anchor = static_cast<T>(hard.anchor), lo = static_cast<T>(hard.lo), hi = static_cast<T>(hard.hi);
    const auto shrink = [&](int by) { return anchor + (v - anchor) / (T{1} << by); };
    if constexpr (family == Family::blocks) {
      return shrink(static_cast<int>((std::uint64_t{of_block} * 13) >> 32));
    } else if constexpr (family == Family::one_sign) {
      if (!(lo < 0 && hi > 0)) return v;
      const T magnitude = v < 0 ? -v : v;
      return hard.flip ? (-magnitude < lo ? lo : -magnitude) : (magnitude > hi ? hi : magnitude);
    } else if constexpr (family == Family::sorted) {
      const T value = static_cast<T>(ramp(hard, shape, i));
      return value < lo ? lo : value > hi ? hi : value;
    } else if constexpr (family == Family::mostly_zero) {
      return shape < hard.threshold ? v : anchor;
    } else if constexpr (family == Family::outliers) {
      return shape < hard.threshold ? v : shrink(8);
    }
  } else {
    const T anchor = static_cast<T>(hard.anchor);
    if constexpr (family == Family::blocks) {
      const auto steps = static_cast<std::uint32_t>(hard.up + hard.down + 1);
      const T factor = power_of_two<T>(static_cast<int>((std::uint64_t{of_block} * steps) >> 32) - hard.down);
      return anchor + (v - anchor) * factor;
    } else if constexpr (family == Family::one_sign) {
      const bool negative = hard.flip && hard.lo < 0;
      const T magnitude = v < 0 ? -v : v;
      // A bounded support may be shorter on the chosen side.
      const T limit = static_cast<T>(negative ? -hard.lo : hard.hi);
      const T halved = magnitude > limit ? magnitude * T(0.5) : magnitude;
      const T bounded = halved > limit ? limit : halved;
      return negative ? -bounded : bounded;
    } else if constexpr (family == Family::sorted) {
      return static_cast<T>(ramp(hard, shape, i));
    } else if constexpr (family == Family::mostly_zero) {
      return shape < hard.threshold ? v : anchor;
    } else if constexpr (family == Family::outliers) {
      return anchor + (v - anchor) * (shape < hard.threshold ? power_of_two<T>(hard.up) : power_of_two<T>(-hard.down));
    }
  }
  return v;
}

// ---------------------------------------------------------------------------------------------------------------------
// All that the elements of one draw share: plain data, made on the host from the declaration and the key.

struct Drawing {
  enum class Values : std::uint8_t {
    uniform,
    normal,
    small_integers,  // 32-bit words
    integers,        // 64-bit words
    permutation,
    rotation,  // of 0 … n − 1 or its reverse: a permutation made hard
    custom     // only the host can call the workload's function
  };
  Values values = Values::uniform;
  bool sparse = false;
  bool in_double = false;  // reals are computed in double, not float
  DType dtype = f32;
  std::int64_t elements = 0;
  Key key = {};
  double a = 0, b = 1;      // of the distribution
  double top = 0;           // uniform: the largest value
  std::uint64_t keep = 0;   // sparse: words below stay
  std::int64_t lo = 0;      // integers
  std::uint64_t range = 1;  // integers: hi − lo + 1
  std::int64_t shift = 0;   // rotation
  bool reversed = false;    // rotation
  Permutation permutation = {};
  Hard hard = {};
};

// Throws std::invalid_argument when the distribution cannot be drawn in that dtype.
Drawing make_drawing(const TensorSpec&, const Key&);

}  // namespace aisp::verify
