#include "verify/drawing.hpp"

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

namespace aisp::verify {
namespace {

using Kind = Distribution::Kind;
using Values = Drawing::Values;

// ---------------------------------------------------------------------------------------------------------------------
// kGroup values from kGroup words (and as many low-order ones where 32 bits are not enough).

AISP_SIMD void uniform_values(const std::uint32_t* words, const std::uint32_t*, float lo, float hi, float top,
                              float* v) {
  for (std::int64_t i = 0; i < kGroup; ++i) v[i] = uniform_value(words[i], 0, lo, hi, top);
}

AISP_SIMD void uniform_values(const std::uint32_t* words, const std::uint32_t* low, double lo, double hi, double top,
                              double* v) {
  for (std::int64_t i = 0; i < kGroup; ++i) v[i] = uniform_value(words[i], low[i], lo, hi, top);
}

AISP_SIMD void normal_values(const std::uint32_t* words, const std::uint32_t*, float mean, float deviation, float* v) {
  for (std::int64_t word = 0; word < kGroup; word += kLanes) {
    const std::uint32_t *own = words + word, *next = words + (word + kLanes) % kGroup;
    for (std::int64_t lane = 0; lane < kLanes; ++lane)
      v[word + lane] = normal_value(own[lane], next[lane], mean, deviation);
  }
}

AISP_SIMD void normal_values(const std::uint32_t* words, const std::uint32_t* low, double mean, double deviation,
                             double* v) {
  for (std::int64_t i = 0; i < kGroup; ++i) v[i] = normal_value(words[i], low[i], mean, deviation);
}

AISP_SIMD void integer_values(const std::uint32_t* words, std::int32_t lo, std::uint32_t range, std::int32_t* v) {
  for (std::int64_t i = 0; i < kGroup; ++i) v[i] = integer_value(words[i], lo, range);
}

void integer_values(const std::uint32_t* words, const std::uint32_t* low, std::int64_t lo, std::uint64_t range,
                    std::int64_t* v) {
  for (std::int64_t i = 0; i < kGroup; ++i) v[i] = integer_value(words[i], low[i], lo, range);
}

AISP_SIMD void encrypt(std::uint32_t* x, int left, int right, const std::uint32_t* keys) {
  for (std::int64_t i = 0; i < kGroup; ++i) x[i] = cipher(x[i], left, right, keys);
}
// Moves those that are still outside; false when there were none.
AISP_SIMD bool walk(std::uint32_t* x, std::uint32_t last, int left, int right, const std::uint32_t* keys) {
  std::uint32_t outside = 0;
  for (std::int64_t i = 0; i < kGroup; ++i) outside |= x[i] > last ? 1u : 0u;
  if (!outside) return false;
  for (std::int64_t i = 0; i < kGroup; ++i) {
    const std::uint32_t next = cipher(x[i], left, right, keys);
    x[i] = x[i] > last ? next : x[i];
  }
  return true;
}

void permutation_values(const Permutation& p, std::int64_t first, std::int64_t count, std::int64_t* v) {
  std::uint32_t x[kGroup];
  for (std::int64_t i = 0; i < kGroup; ++i) x[i] = static_cast<std::uint32_t>(first + std::min(i, count - 1));
  encrypt(x, p.left, p.right, p.keys);
  while (walk(x, p.last, p.left, p.right, p.keys)) {
  }
  for (std::int64_t i = 0; i < count; ++i) v[i] = x[i];
}

template <Family family, class T>
void harden_as(const Hard& hard, const std::uint32_t* shape, std::int64_t first, T* v) {
  for (std::int64_t block = 0; block < kGroup; block += kLanes) {
    const std::uint32_t of_block = shape[block];
    for (std::int64_t i = block; i < block + kLanes; ++i)
      v[i] = hardened<family>(hard, shape[i], of_block, first + i, v[i]);
  }
}

template <class T> void harden(const Hard& hard, const std::uint32_t* shape, std::int64_t first, T* v) {
  switch (hard.family) {
    case Family::none: break;
    case Family::blocks: return harden_as<Family::blocks>(hard, shape, first, v);
    case Family::one_sign: return harden_as<Family::one_sign>(hard, shape, first, v);
    case Family::sorted: return harden_as<Family::sorted>(hard, shape, first, v);
    case Family::mostly_zero: return harden_as<Family::mostly_zero>(hard, shape, first, v);
    case Family::outliers: return harden_as<Family::outliers>(hard, shape, first, v);
  }
}

// ---------------------------------------------------------------------------------------------------------------------

Kind base_kind(const Distribution& d) { return d.kind == Kind::sparse ? d.base : d.kind; }

Hard hard_of(const TensorSpec& spec, const Key& key) {
  const Distribution& d = spec.distribution;
  Hard hard{.family = family_of(spec, key)};
  if (hard.family == Family::none) return hard;
  const Block r = chacha(derive(key, "hard"), counter_of(Plane::value, 0));
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

// Calls body(first, count, out) for each group of elements.
template <class Body> void for_groups(const Drawing& d, std::span<std::byte> bytes, int threads, const Body& body) {
  const std::int64_t n = d.elements, groups = (n + kGroup - 1) / kGroup;
  const auto size = static_cast<std::int64_t>(info(d.dtype).size);
  parallel_for(groups, bytes.size() > kParallelBytes ? threads : 1, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t group = begin; group < end; ++group)
      body(group * kGroup, std::min(kGroup, n - group * kGroup), bytes.data() + group * kGroup * size);
  });
}

template <class T> void draw_reals(const Drawing& d, std::span<std::byte> bytes, int threads) {
  const auto a = static_cast<T>(d.a), b = static_cast<T>(d.b), top = static_cast<T>(d.top);
  const bool direct = dtype_of<T>::value == d.dtype;
  for_groups(d, bytes, threads, [&](std::int64_t first, std::int64_t count, std::byte* out) {
    alignas(64) std::uint32_t words[kGroup], more[kGroup];
    alignas(64) T buffer[kGroup];
    T* v = direct && count == kGroup ? reinterpret_cast<T*>(out) : buffer;
    fill_words(d.key, Plane::value, first / kGroup, words);
    if constexpr (std::is_same_v<T, double>) fill_words(d.key, Plane::low_bits, first / kGroup, more);
    if (d.values == Values::uniform)
      uniform_values(words, more, a, b, top, v);
    else
      normal_values(words, more, a, b, v);
    if (d.sparse) {
      fill_words(d.key, Plane::mask, first / kGroup, words);
      for (std::int64_t i = 0; i < kGroup; ++i) v[i] = words[i] < d.keep ? v[i] : T(0);
    }
    if (d.hard.family != Family::none) {
      fill_words(d.key, Plane::shape, first / kGroup, words);
      harden(d.hard, words, first, v);
    }
    if (v == buffer) round_to(d.dtype, v, count, out);
  });
}

void draw_integers(const Drawing& d, std::span<std::byte> bytes, int threads) {
  for_groups(d, bytes, threads, [&](std::int64_t first, std::int64_t count, std::byte* out) {
    alignas(64) std::uint32_t words[kGroup], more[kGroup];
    alignas(64) std::int64_t wide[kGroup];
    fill_words(d.key, Plane::value, first / kGroup, words);
    if (d.values == Values::small_integers) {
      alignas(64) std::int32_t v[kGroup];
      integer_values(words, static_cast<std::int32_t>(d.lo), static_cast<std::uint32_t>(d.range), v);
      return round_to(d.dtype, v, count, out);
    }
    fill_words(d.key, Plane::low_bits, first / kGroup, more);
    integer_values(words, more, d.lo, d.range, wide);
    if (d.hard.family != Family::none) {
      fill_words(d.key, Plane::shape, first / kGroup, words);
      harden(d.hard, words, first, wide);
    }
    round_to(d.dtype, wide, count, out);
  });
}

void draw_permutation(const Drawing& d, std::span<std::byte> bytes, int threads) {
  for_groups(d, bytes, threads, [&](std::int64_t first, std::int64_t count, std::byte* out) {
    std::int64_t v[kGroup];
    if (d.values == Values::permutation) {
      permutation_values(d.permutation, first, count, v);
    } else {
      for (std::int64_t i = 0; i < count; ++i) {
        const std::int64_t rotated = (first + i + d.shift) % d.elements;
        v[i] = d.reversed ? d.elements - 1 - rotated : rotated;
      }
    }
    round_to(d.dtype, v, count, out);
  });
}

}  // namespace

Permutation make_permutation(std::int64_t n, const Key& key) {
  Permutation p;
  p.last = static_cast<std::uint32_t>(n - 1);
  const int bits = std::max(2, static_cast<int>(std::bit_width(p.last)));
  p.right = bits / 2;
  p.left = bits - p.right;
  const Block r = chacha(key, counter_of(Plane::value, 0));
  for (int i = 0; i < Permutation::kRounds; ++i) p.keys[i] = r.word[i];
  return p;
}

Drawing make_drawing(const TensorSpec& spec, const Key& key) {
  validate(spec);
  const Distribution& from = spec.distribution;
  Drawing d{.dtype = spec.dtype, .elements = spec.elements(), .key = key, .a = from.a, .b = from.b};
  if (from.kind == Kind::custom) {
    d.values = Values::custom;
  } else if (from.kind == Kind::permutation) {
    const Block r = chacha(derive(key, "hard"), counter_of(Plane::value, 0));
    d.values = family_of(spec, key) == Family::none ? Values::permutation : Values::rotation;
    d.permutation = make_permutation(d.elements, key);
    d.shift = static_cast<std::int64_t>((std::uint64_t{r.word[1]} * static_cast<std::uint64_t>(d.elements)) >> 32);
    d.reversed = r.word[0] & 1;
  } else if (from.kind == Kind::integers) {
    d.hard = hard_of(spec, key);
    const auto hi = static_cast<std::int64_t>(from.b);
    d.lo = static_cast<std::int64_t>(from.a);
    d.range = static_cast<std::uint64_t>(hi - d.lo) + 1;
    const bool small = d.range <= (1u << 20) && d.lo >= -(1 << 30) && hi <= (1 << 30);
    d.values = small && d.hard.family == Family::none ? Values::small_integers : Values::integers;
  } else {
    d.hard = hard_of(spec, key);
    d.values = base_kind(from) == Kind::uniform ? Values::uniform : Values::normal;
    d.in_double = spec.dtype == f64 || spec.dtype == i64 || spec.dtype == i32;
    const auto narrowed = [&](double x) { return d.in_double ? x : static_cast<double>(static_cast<float>(x)); };
    d.top = std::max(narrowed(from.a), narrowed(d.values == Values::uniform ? below(spec.dtype, from.b) : from.b));
    d.sparse = from.kind == Kind::sparse;
    d.keep = static_cast<std::uint64_t>(from.density * 0x1p32);
  }
  return d;
}

Family family_of(const TensorSpec& spec, const Key& key) {
  if (!spec.distribution.mixed || spec.distribution.kind == Kind::custom) return Family::none;
  const std::uint64_t r = below(derive(key, "mixed"), 15);
  return r >= 5 ? Family::none : static_cast<Family>(1 + r);
}

void draw(const TensorSpec& spec, const Key& key, std::span<std::byte> bytes, int threads) {
  if (bytes.size() != spec.bytes())
    throw std::invalid_argument("tensor '" + spec.name + "' has " + std::to_string(spec.bytes()) + " bytes, not " +
                                std::to_string(bytes.size()));
  const Drawing d = make_drawing(spec, key);
  switch (d.values) {
    case Values::custom: {
      std::vector<double> values(static_cast<std::size_t>(d.elements));
      Stream random(key);
      spec.distribution.draw(values, random);
      return round_to(d.dtype, values.data(), d.elements, bytes.data());
    }
    case Values::permutation:
    case Values::rotation: return draw_permutation(d, bytes, threads);
    case Values::small_integers:
    case Values::integers: return draw_integers(d, bytes, threads);
    case Values::uniform:
    case Values::normal:
      return d.in_double ? draw_reals<double>(d, bytes, threads) : draw_reals<float>(d, bytes, threads);
  }
}

}  // namespace aisp::verify
