// The values of the input distributions. Only integer arithmetic, exactly rounded + − × and comparisons, so that a GPU
// that follows the same formulas draws the same bits.
//
// uniform  lo + (hi − lo)·u with u = 24 random bits (53 for f64) / 2^bits, in f32 (f64), kept below hi in the dtype.
// normal   The sum of a binomial(32, ½) (the bits set in one random word) and a uniform on (−½, ½) (from another word),
//          centred and divided by √(8 + 1/12). Exact moments: mean 0, variance 1, skewness 0, excess kurtosis −0.0613;
//          largest magnitude 5.80. Its density is the binomial's histogram, within 1 % of the normal's within one
//          deviation: inputs for kernels, not for statistics.
// integers ⌊w·range / 2^32⌋ of a 32-bit word for ranges up to 2^20 (bias below 2^-12), of a 64-bit one beyond (2^-63
//          per value of the range).
#include <aisp/cpu.hpp>

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <stdexcept>
#include <string>
#include <type_traits>

#include "verify/convert.hpp"
#include "verify/parallel.hpp"
#include "verify/philox.hpp"

namespace aisp::verify {
namespace {

using Kind = Distribution::Kind;
__extension__ using uint128 = unsigned __int128;

// ---------------------------------------------------------------------------------------------------------------------
// Base distributions: kChunk values from kChunk words (and as many low-order ones where 32 bits are not enough).

AISP_SIMD void uniform_values(const std::uint32_t* words, const std::uint32_t*, float lo, float hi, float top,
                              float* v) {
  const float width = hi - lo;
  for (std::int64_t i = 0; i < kChunk; ++i) {
    const float x = lo + width * (static_cast<float>(static_cast<std::int32_t>(words[i] >> 8)) * 0x1p-24f);
    v[i] = x > top ? top : x;
  }
}

AISP_SIMD void uniform_values(const std::uint32_t* words, const std::uint32_t* low, double lo, double hi, double top,
                              double* v) {
  const double width = hi - lo;
  for (std::int64_t i = 0; i < kChunk; ++i) {
    const double u = static_cast<double>(words[i]) * 0x1p-32 + static_cast<double>(low[i] >> 11) * 0x1p-53;
    const double x = lo + width * u;
    v[i] = x > top ? top : x;
  }
}

[[gnu::always_inline]] inline std::int32_t bits_set(std::uint32_t x) {
  x -= (x >> 1) & 0x55555555u;
  x = (x & 0x33333333u) + ((x >> 2) & 0x33333333u);
  x = (x + (x >> 4)) & 0x0f0f0f0fu;
  x += x >> 8;  // not the product with 0x01010101: compilers take that for a population count, which few vectors have
  return static_cast<std::int32_t>((x + (x >> 16)) & 0x3fu);
}

constexpr double kInverseDeviation = 0.35172622905632655;  // 1 / √(8 + 1/12)

// The jitter of element i comes from the next word of its block, multiplied so that it is not correlated with the bits
// set in that word.
AISP_SIMD void normal_values(const std::uint32_t* words, const std::uint32_t*, float mean, float deviation, float* v) {
  constexpr auto unit = static_cast<float>(kInverseDeviation * 0x1p-25);
  for (std::int64_t group = 0; group < kChunk; group += kGroup)
    for (std::int64_t word = 0; word < kGroup; word += kLanes) {
      const std::uint32_t *own = words + group + word, *next = words + group + (word + kLanes) % kGroup;
      for (std::int64_t lane = 0; lane < kLanes; ++lane) {
        const auto jitter = static_cast<std::int32_t>((next[lane] * 0x9E3779B1u) >> 8);  // [0, 2^24)
        const std::int32_t centred = (bits_set(own[lane]) - 16) * (1 << 25) + 2 * jitter + 1 - (1 << 24);
        v[group + word + lane] = mean + deviation * (static_cast<float>(centred) * unit);
      }
    }
}

AISP_SIMD void normal_values(const std::uint32_t* words, const std::uint32_t* low, double mean, double deviation,
                             double* v) {
  for (std::int64_t i = 0; i < kChunk; ++i) {
    const double jitter = (static_cast<double>(low[i]) + 0.5) * 0x1p-32 - 0.5;
    v[i] = mean + deviation * ((static_cast<double>(bits_set(words[i]) - 16) + jitter) * kInverseDeviation);
  }
}

AISP_SIMD void integer_values(const std::uint32_t* words, std::int32_t lo, std::uint32_t range, std::int32_t* v) {
  for (std::int64_t i = 0; i < kChunk; ++i)
    v[i] = lo + static_cast<std::int32_t>((std::uint64_t{words[i]} * range) >> 32);
}

void integer_values(const std::uint32_t* words, const std::uint32_t* low, std::int64_t lo, uint128 range,
                    std::int64_t* v) {
  for (std::int64_t i = 0; i < kChunk; ++i) {
    const std::uint64_t word = std::uint64_t{words[i]} << 32 | low[i];
    v[i] = static_cast<std::int64_t>(static_cast<std::uint64_t>(lo) + static_cast<std::uint64_t>((word * range) >> 64));
  }
}

// ---------------------------------------------------------------------------------------------------------------------
// Permutation of 0 … n − 1: a Feistel network on the next power of two, walked until it falls below n (Black and
// Rogaway, "Ciphers with arbitrary finite domains", CT-RSA'02).

class Permutation {
 public:
  Permutation(std::int64_t n, Key key) : n_(static_cast<std::uint32_t>(n - 1)) {
    const int bits = std::max(2, static_cast<int>(std::bit_width(n_)));
    right_ = bits / 2;
    left_ = bits - right_;
    for (int i = 0; i < kRounds; ++i) keys_[i] = philox(key, static_cast<std::uint64_t>(i)).word[0];
  }

  void values(std::int64_t first, std::int64_t count, std::int64_t* v) const {
    std::uint32_t x[kChunk];
    for (std::int64_t i = 0; i < kChunk; ++i) x[i] = static_cast<std::uint32_t>(first + std::min(i, count - 1));
    const std::uint32_t last = n_;
    encrypt(x, left_, right_, keys_);
    while (walk(x, last, left_, right_, keys_)) {
    }
    for (std::int64_t i = 0; i < count; ++i) v[i] = x[i];
  }

 private:
  static constexpr int kRounds = 8;

  // One pass: (l, r) → (r, l ⊕ f(r)), halves of unequal width changing places.
  [[gnu::always_inline]] static inline std::uint32_t cipher(std::uint32_t x, int left, int right,
                                                            const std::uint32_t* keys) {
#pragma GCC unroll 8
    for (int round = 0; round < kRounds; ++round) {
      const int low = round % 2 ? left : right, high = round % 2 ? right : left;
      const std::uint32_t r = x & ((1u << low) - 1u), l = x >> low;
      std::uint32_t f = (r ^ keys[round]) * 0x85EBCA6Bu;
      f = (f ^ (f >> 15)) * 0xC2B2AE35u;
      x = (r << high) | ((l ^ (f >> 16)) & ((1u << high) - 1u));
    }
    return x;
  }
  AISP_SIMD static void encrypt(std::uint32_t* x, int left, int right, const std::uint32_t* keys) {
    for (std::int64_t i = 0; i < kChunk; ++i) x[i] = cipher(x[i], left, right, keys);
  }
  // Moves those that are still outside; false when there were none.
  AISP_SIMD static bool walk(std::uint32_t* x, std::uint32_t last, int left, int right, const std::uint32_t* keys) {
    std::uint32_t outside = 0;
    for (std::int64_t i = 0; i < kChunk; ++i) outside |= x[i] > last ? 1u : 0u;
    if (!outside) return false;
    for (std::int64_t i = 0; i < kChunk; ++i) {
      const std::uint32_t next = cipher(x[i], left, right, keys);
      x[i] = x[i] > last ? next : x[i];
    }
    return true;
  }

  std::uint32_t n_;  // the largest value
  int left_ = 1, right_ = 1;
  std::uint32_t keys_[kRounds] = {};
};

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
template <class T> [[gnu::always_inline]] inline T power_of_two(int e) {
  if constexpr (std::is_same_v<T, float>)
    return std::bit_cast<float>(static_cast<std::uint32_t>(127 + e) << 23);
  else
    return std::bit_cast<double>(static_cast<std::uint64_t>(1023 + e) << 52);
}

template <class T> void harden(const Hard& hard, const std::uint32_t* shape, std::int64_t first, T* v) {
  const T anchor = static_cast<T>(hard.anchor);
  switch (hard.family) {
    case Family::none: break;
    case Family::blocks:
      for (std::int64_t block = 0; block < kChunk; block += kLanes) {
        const auto steps = static_cast<std::uint32_t>(hard.up + hard.down + 1);
        const T factor = power_of_two<T>(static_cast<int>((std::uint64_t{shape[block]} * steps) >> 32) - hard.down);
        for (std::int64_t i = block; i < block + kLanes; ++i) v[i] = anchor + (v[i] - anchor) * factor;
      }
      break;
    case Family::one_sign: {
      const bool negative = hard.flip && hard.lo < 0;
      for (std::int64_t i = 0; i < kChunk; ++i) {
        const T magnitude = v[i] < 0 ? -v[i] : v[i];
        // A bounded support may be shorter on the chosen side.
        const T limit = static_cast<T>(negative ? -hard.lo : hard.hi);
        const T bounded = magnitude > limit ? magnitude * T(0.5) : magnitude;
        v[i] = negative ? -(bounded > limit ? limit : bounded) : (bounded > limit ? limit : bounded);
      }
      break;
    }
    case Family::sorted:
      for (std::int64_t i = 0; i < kChunk; ++i)
        v[i] = static_cast<T>(hard.from +
                              hard.step * (static_cast<double>(first + i) + static_cast<double>(shape[i]) * 0x1p-32));
      break;
    case Family::mostly_zero:
      for (std::int64_t i = 0; i < kChunk; ++i) v[i] = shape[i] < hard.threshold ? v[i] : anchor;
      break;
    case Family::outliers: {
      const T small = power_of_two<T>(-hard.down), large = power_of_two<T>(hard.up);
      for (std::int64_t i = 0; i < kChunk; ++i)
        v[i] = anchor + (v[i] - anchor) * (shape[i] < hard.threshold ? large : small);
      break;
    }
  }
}

// Integers of any width: the same shapes by shifts.
template <> void harden(const Hard& hard, const std::uint32_t* shape, std::int64_t first, std::int64_t* v) {
  const auto anchor = static_cast<std::int64_t>(hard.anchor), lo = static_cast<std::int64_t>(hard.lo),
             hi = static_cast<std::int64_t>(hard.hi);
  for (std::int64_t i = 0; i < kChunk; ++i) {
    const auto shrink = [&](int by) { return anchor + (v[i] - anchor) / (std::int64_t{1} << by); };
    switch (hard.family) {
      case Family::none: break;
      case Family::blocks:
        v[i] = shrink(static_cast<int>((std::uint64_t{shape[i / kLanes * kLanes]} * 13) >> 32));
        break;
      case Family::one_sign:
        if (lo < 0 && hi > 0)
          v[i] = hard.flip ? std::max(lo, v[i] > 0 ? -v[i] : v[i]) : std::min(hi, v[i] < 0 ? -v[i] : v[i]);
        break;
      case Family::sorted:
        v[i] = std::clamp(static_cast<std::int64_t>(hard.from + hard.step * (static_cast<double>(first + i) +
                                                                             static_cast<double>(shape[i]) * 0x1p-32)),
                          lo, hi);
        break;
      case Family::mostly_zero: v[i] = shape[i] < hard.threshold ? v[i] : anchor; break;
      case Family::outliers: v[i] = shape[i] < hard.threshold ? v[i] : shrink(8); break;
    }
  }
}

bool integral(const Distribution& d) { return d.kind == Kind::integers || d.kind == Kind::permutation; }
Kind base_kind(const Distribution& d) { return d.kind == Kind::sparse ? d.base : d.kind; }

Hard hard_of(const TensorSpec& spec, Key key) {
  const Distribution& d = spec.distribution;
  Hard hard{.family = family_of(spec, key)};
  if (hard.family == Family::none) return hard;
  const Block r = philox(derive(key, "hard"), 0);
  hard.flip = r.word[0] & 1;
  const bool unbounded = base_kind(d) == Kind::normal;
  hard.lo = unbounded ? d.a - 3 * d.b : d.a;
  hard.hi = unbounded ? d.a + 3 * d.b : d.b;
  if (!unbounded) hard.anchor = hard.lo > 0 ? hard.lo : hard.hi < 0 ? hard.hi : 0;

  // How far magnitudes spread: what the dtype resolves downwards; upwards only without bounds, and so that the square
  // of a value, and a sum of 2^20 of them, stays finite in f32.
  const bool narrow = spec.dtype == f8e4m3 || spec.dtype == f8e5m2;
  hard.down = narrow ? 3 : spec.dtype == f16 ? 8 : 12;
  const double largest = std::max({std::fabs(d.a) + 6 * std::fabs(d.b), std::fabs(d.b), 0x1p-60});
  const double room = std::min(0x1p53, info(spec.dtype).max / 4) / largest;
  if (unbounded && !narrow) hard.up = std::clamp(static_cast<int>(std::floor(std::log2(room))), 0, 6);
  if (hard.family == Family::one_sign && unbounded) {
    hard.lo = -std::numeric_limits<float>::max();
    hard.hi = std::numeric_limits<float>::max();
  }

  const double share = hard.family == Family::mostly_zero ? 0.01 + 0.04 * r.word[1] * 0x1p-32 : 1.0 / 256;
  hard.threshold = static_cast<std::uint32_t>(share * 0x1p32);
  // The ramp's ends are keyed too, so that it cannot be foreseen: each lies within an eighth of the range of its end.
  const double range = hard.hi - hard.lo;
  double from = hard.lo + range * (r.word[2] * 0x1p-35), to = hard.hi - range * (r.word[3] * 0x1p-35);
  if (hard.flip) std::swap(from, to);
  hard.from = from;
  hard.step = (to - from) / static_cast<double>(spec.elements());
  return hard;
}

// ---------------------------------------------------------------------------------------------------------------------

[[noreturn]] void refuse(const TensorSpec& spec, const std::string& why) {
  throw std::invalid_argument("tensor '" + spec.name + "' (" + info(spec.dtype).name + "): " + why);
}

void validate(const TensorSpec& spec) {
  const Distribution& d = spec.distribution;
  const double widest = spec.dtype == f64 ? info(f64).max : info(f32).max;
  const auto drawable = [&](Kind kind) {
    if (!std::isfinite(d.a) || !std::isfinite(d.b)) refuse(spec, "the distribution's bounds must be finite");
    if (kind == Kind::uniform && !(d.a < d.b)) refuse(spec, "uniform(lo, hi) needs lo < hi");
    if (kind == Kind::uniform && !(d.b - d.a <= widest))
      refuse(spec, "uniform(lo, hi) is wider than the dtype's range");
    if (kind == Kind::normal && !(d.b > 0 && std::fabs(d.a) + 6 * d.b <= widest))
      refuse(spec, "normal(mean, deviation) needs deviation > 0 and six deviations within the dtype's range");
  };
  switch (d.kind) {
    case Kind::uniform:
    case Kind::normal: drawable(d.kind); break;
    case Kind::integers:
      if (!(d.a <= d.b && d.a >= -0x1p62 && d.b <= 0x1p62))
        refuse(spec, "integers(lo, hi) needs lo <= hi within ±2^62");
      break;
    case Kind::permutation: {
      const double exact = is_float(spec.dtype) ? 1 / info(spec.dtype).eps + 1 : info(spec.dtype).max + 1;
      if (static_cast<double>(spec.elements()) > std::min(exact, 0x1p32))
        refuse(spec, "a permutation of " + std::to_string(spec.elements()) + " elements does not fit the dtype");
      break;
    }
    case Kind::sparse:
      if (d.base != Kind::uniform && d.base != Kind::normal) refuse(spec, "sparse() needs a uniform or normal base");
      if (!(d.density >= 0 && d.density <= 1)) refuse(spec, "sparse() needs a density between 0 and 1");
      drawable(d.base);
      break;
    case Kind::custom:
      if (!d.draw) refuse(spec, "custom() needs a function");
      break;
  }
}

// Calls body(first, count, out) for each chunk of the tensor.
template <class Body>
void for_chunks(const TensorSpec& spec, std::span<std::byte> bytes, int threads, const Body& body) {
  const std::int64_t n = spec.elements(), chunks = (n + kChunk - 1) / kChunk;
  const auto size = static_cast<std::int64_t>(info(spec.dtype).size);
  parallel_for(chunks, bytes.size() > kParallelBytes ? threads : 1, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t chunk = begin; chunk < end; ++chunk)
      body(chunk * kChunk, std::min(kChunk, n - chunk * kChunk), bytes.data() + chunk * kChunk * size);
  });
}

template <class T> void draw_reals(const TensorSpec& spec, Key key, std::span<std::byte> bytes, int threads) {
  const Distribution& d = spec.distribution;
  const Hard hard = hard_of(spec, key);
  const auto a = static_cast<T>(d.a), b = static_cast<T>(d.b);
  const T top = std::max(a, static_cast<T>(base_kind(d) == Kind::uniform ? below(spec.dtype, d.b) : d.b));
  const auto keep = static_cast<std::uint64_t>(d.density * 0x1p32);
  const bool direct = dtype_of<T>::value == spec.dtype;
  for_chunks(spec, bytes, threads, [&](std::int64_t first, std::int64_t count, std::byte* out) {
    alignas(64) std::uint32_t words[kChunk], more[kChunk];
    alignas(64) T buffer[kChunk];
    T* v = direct && count == kChunk ? reinterpret_cast<T*>(out) : buffer;
    fill_words(key, Plane::value, first, words);
    if constexpr (std::is_same_v<T, double>) fill_words(key, Plane::low_bits, first, more);
    if (base_kind(d) == Kind::uniform)
      uniform_values(words, more, a, b, top, v);
    else
      normal_values(words, more, a, b, v);
    if (d.kind == Kind::sparse) {
      fill_words(key, Plane::mask, first, words);
      for (std::int64_t i = 0; i < kChunk; ++i) v[i] = words[i] < keep ? v[i] : T(0);
    }
    if (hard.family != Family::none) {
      fill_words(key, Plane::shape, first, words);
      harden(hard, words, first, v);
    }
    if (v == buffer) round_to(spec.dtype, v, count, out);
  });
}

void draw_integers(const TensorSpec& spec, Key key, std::span<std::byte> bytes, int threads) {
  const Distribution& d = spec.distribution;
  const Hard hard = hard_of(spec, key);
  const auto lo = static_cast<std::int64_t>(d.a), hi = static_cast<std::int64_t>(d.b);
  const auto range = static_cast<std::uint64_t>(hi - lo) + 1;
  const bool small = range <= (1u << 20) && lo >= -(1 << 30) && hi <= (1 << 30);
  for_chunks(spec, bytes, threads, [&](std::int64_t first, std::int64_t count, std::byte* out) {
    alignas(64) std::uint32_t words[kChunk], more[kChunk];
    alignas(64) std::int64_t wide[kChunk];
    fill_words(key, Plane::value, first, words);
    if (small && hard.family == Family::none) {
      alignas(64) std::int32_t v[kChunk];
      integer_values(words, static_cast<std::int32_t>(lo), static_cast<std::uint32_t>(range), v);
      return round_to(spec.dtype, v, count, out);
    }
    fill_words(key, Plane::low_bits, first, more);
    integer_values(words, more, lo, range, wide);
    if (hard.family != Family::none) {
      fill_words(key, Plane::shape, first, words);
      harden(hard, words, first, wide);
    }
    round_to(spec.dtype, wide, count, out);
  });
}

// A mixed permutation is, when hard, a rotation of the identity or of its reverse.
void draw_permutation(const TensorSpec& spec, Key key, std::span<std::byte> bytes, int threads) {
  const std::int64_t n = spec.elements();
  const bool hard = family_of(spec, key) != Family::none;
  const Block r = philox(derive(key, "hard"), 0);
  const auto shift = static_cast<std::int64_t>((std::uint64_t{r.word[1]} * static_cast<std::uint64_t>(n)) >> 32);
  const Permutation permutation(n, key);
  for_chunks(spec, bytes, threads, [&](std::int64_t first, std::int64_t count, std::byte* out) {
    std::int64_t v[kChunk];
    if (!hard) {
      permutation.values(first, count, v);
    } else {
      for (std::int64_t i = 0; i < count; ++i) {
        const std::int64_t rotated = (first + i + shift) % n;
        v[i] = r.word[0] & 1 ? n - 1 - rotated : rotated;
      }
    }
    round_to(spec.dtype, v, count, out);
  });
}

}  // namespace

Family family_of(const TensorSpec& spec, Key key) {
  if (!spec.distribution.mixed || spec.distribution.kind == Kind::custom) return Family::none;
  const std::uint64_t r = derive(key, "mixed").value;
  return r % 3 ? Family::none : static_cast<Family>(1 + (r / 3) % 5);
}

void draw(const TensorSpec& spec, Key key, std::span<std::byte> bytes, int threads) {
  if (bytes.size() != spec.bytes())
    throw std::invalid_argument("tensor '" + spec.name + "' has " + std::to_string(spec.bytes()) + " bytes, not " +
                                std::to_string(bytes.size()));
  validate(spec);
  const Distribution& d = spec.distribution;
  if (d.kind == Kind::custom) {
    std::vector<double> values(static_cast<std::size_t>(spec.elements()));
    d.draw(values, key.value);
    round_to(spec.dtype, values.data(), spec.elements(), bytes.data());
  } else if (d.kind == Kind::permutation) {
    draw_permutation(spec, key, bytes, threads);
  } else if (integral(d)) {
    draw_integers(spec, key, bytes, threads);
  } else if (spec.dtype == f64 || spec.dtype == i64 || spec.dtype == i32) {
    draw_reals<double>(spec, key, bytes, threads);
  } else {
    draw_reals<float>(spec, key, bytes, threads);
  }
}

}  // namespace aisp::verify
