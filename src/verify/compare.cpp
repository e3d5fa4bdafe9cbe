#include "verify/compare.hpp"

#include <aisp/cpu.hpp>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <stdexcept>

#include "verify/convert.hpp"
#include "verify/parallel.hpp"
#include "verify/simd.hpp"

namespace aisp::verify {
namespace {

constexpr std::int64_t kBlock = 512;     // elements converted and compared while they stay in the first-level cache
constexpr std::int64_t kPart = 1 << 16;  // elements summed into one partial result, whatever the number of threads

// Compares blocks of doubles of which `count` is a multiple of 8. False, with `into` unchanged, when an element is
// beyond its tolerance or something is not finite: its elements are then looked at one by one. The ratios themselves
// are divided out only in a block that has a larger one than `into`, which few have.
template <bool Ratios>
AISP_INLINE bool fast_block(const double* got, const double* expected, const double* scale, std::int64_t count,
                            const ElementBound& bound, Tally& into) {
  Double8 worst = Double8{} + into.worst, error2{}, scale2{}, expected2{};
  Mask8 good = ~Mask8{}, within = good;
  for (std::int64_t i = 0; i < count; i += 8) {
    Double8 g, e, s;
    load(g, got + i);
    load(e, expected + i);
    load(s, scale + i);
    Double8 error = g - e, magnitude = e;
    absolute(error);
    absolute(magnitude);
    absolute(s);
    const Double8 tolerance = bound.of_scale * s + bound.of_value * magnitude + bound.slack;
    good &= error <= tolerance;
    if constexpr (Ratios) {
      const Double8 ratio = error / tolerance;
      worst = ratio > worst ? ratio : worst;
    } else {
      within &= error <= worst * tolerance;
    }
    error2 += error * error;
    scale2 += s * s;
    expected2 += magnitude * magnitude;
  }
  const Mask8 bad = ~good, above = ~within;
  std::int64_t any_bad = 0, any_above = 0;
  Tally sum;
  for (int lane = 0; lane < 8; ++lane) {
    any_bad |= bad[lane];
    any_above |= above[lane];
    sum.worst = worst[lane] > sum.worst ? worst[lane] : sum.worst;
    sum.error2 += error2[lane];
    sum.scale2 += scale2[lane];
    sum.expected2 += expected2[lane];
  }
  // Infinite expectations give NaN or infinite sums here; they are right only when the output has the same ones.
  if (any_bad || !(sum.scale2 + sum.expected2 < HUGE_VAL)) return false;
  if constexpr (!Ratios)
    if (any_above) return fast_block<true>(got, expected, scale, count, bound, into);
  into.add(sum);
  return true;
}

AISP_SIMD bool fast_block(const double* got, const double* expected, const double* scale, std::int64_t count,
                          const ElementBound& bound, Tally& into) {
  return fast_block<false>(got, expected, scale, count, bound, into);
}

struct Comparer {
  const TensorSpec& spec;
  ElementBound bound;
  std::span<const std::byte> got, poison;
  std::span<const double> expected, scale;

  bool untouched(std::int64_t i) const {
    const std::size_t size = info(spec.dtype).size, at = static_cast<std::size_t>(i) * size;
    return !poison.empty() && std::memcmp(got.data() + at, poison.data() + at, size) == 0;
  }

  Tally floats(std::int64_t begin, std::int64_t end) const {
    alignas(64) double values[kBlock];
    const std::size_t size = info(spec.dtype).size;
    const auto untouched_at = [this](std::int64_t i) { return untouched(i); };
    Tally total;
    for (std::int64_t first = begin; first < end; first += kBlock) {
      const std::int64_t count = std::min(kBlock, end - first), whole = count / 8 * 8;
      const double *e = expected.data() + first, *s = scale.data() + first;
      widen(spec.dtype, got.data() + static_cast<std::size_t>(first) * size, count, values);
      const bool fast = fast_block(values, e, s, whole, bound, total);
      for (std::int64_t k = fast ? whole : 0; k < count; ++k)
        total.add_float(first + k, values[k], e[k], s[k], bound, untouched_at);
    }
    return total;
  }

  Tally integers(std::int64_t begin, std::int64_t end) const {
    double values[kBlock];
    const std::size_t size = info(spec.dtype).size;
    const auto untouched_at = [this](std::int64_t i) { return untouched(i); };
    Tally total;
    for (std::int64_t first = begin; first < end; first += kBlock) {
      const std::int64_t count = std::min(kBlock, end - first);
      widen(spec.dtype, got.data() + static_cast<std::size_t>(first) * size, count, values);
      const double* e = expected.data() + first;
      std::int64_t different = 0;
      for (std::int64_t k = 0; k < count; ++k) different += !(values[k] == e[k]);
      if (different == 0) continue;
      for (std::int64_t k = 0; k < count; ++k) total.add_integer(first + k, values[k], e[k], untouched_at);
    }
    return total;
  }
};

}  // namespace

ElementBound element_bound(DType output, DType arithmetic, double tolerance) {
  // Rounding to the output cannot be avoided, and rounds what is already off by the first term. A result below the
  // smallest normal number may be flushed to zero by the arithmetic (-ffast-math does that), or be rounded to half the
  // output's smallest subnormal.
  const auto flush = [](DType t) { return t == f64 ? 0x1p-1022 : t == f32 || t == bf16 ? 0x1p-126 : 0.0; };
  const auto half_subnormal = [](DType t) {
    switch (t) {
      case DType::f16: return 0x1p-25;
      case DType::f8e4m3: return 0x1p-10;
      case DType::f8e5m2: return 0x1p-17;
      default: return 0.0;
    }
  };
  ElementBound b;
  b.of_value = info(output).eps;
  b.of_scale = tolerance * info(arithmetic).eps * (1 + b.of_value);
  b.slack = std::max({flush(output), flush(arithmetic), half_subnormal(output)});
  b.largest = info(output).max * (1 + b.of_value);
  return b;
}

model::Comparison conclude(const TensorSpec& spec, DType arithmetic, const Tolerance& tolerance, const Tally& total,
                           double got, double expected) {
  model::Comparison c;
  c.tensor = spec.name;
  c.elements = spec.elements();
  c.max_error = c.norm_error = total.worst;
  c.wrong = total.wrong;
  c.untouched = total.untouched;
  c.nonfinite = total.nonfinite;
  c.first_wrong = total.first_wrong;
  if (c.first_wrong >= 0) {
    c.got = got;
    c.expected = expected;
  }
  if (!is_float(spec.dtype)) return c;
  const ElementBound norm = element_bound(spec.dtype, arithmetic, tolerance.norm);
  c.norm_error =
      std::sqrt(total.error2) / (norm.of_scale * std::sqrt(total.scale2) + norm.of_value * std::sqrt(total.expected2) +
                                 norm.slack * std::sqrt(static_cast<double>(c.elements)));
  // Squares beyond the range of a double: the elements have the last word.
  if (std::isnan(c.norm_error)) c.norm_error = c.max_error;
  return c;
}

std::vector<double> to_doubles(DType dtype, std::span<const std::byte> bytes) {
  std::vector<double> values(bytes.size() / info(dtype).size);
  to_doubles(dtype, bytes, values);
  return values;
}

void to_doubles(DType dtype, std::span<const std::byte> bytes, std::span<double> into, int threads) {
  const std::size_t size = info(dtype).size;
  if (bytes.size() != into.size() * size)
    throw std::invalid_argument("to_doubles: " + std::to_string(bytes.size()) + " bytes are not " +
                                std::to_string(into.size()) + " elements of " + info(dtype).name);
  const auto n = static_cast<std::int64_t>(into.size());
  parallel_for(n, bytes.size() > kParallelBytes ? threads : 1, [&](std::int64_t begin, std::int64_t end) {
    widen(dtype, bytes.data() + static_cast<std::size_t>(begin) * size, end - begin, into.data() + begin);
  });
}

model::Comparison compare(const TensorSpec& spec, DType arithmetic, const Tolerance& tolerance,
                          std::span<const std::byte> got, std::span<const double> expected,
                          std::span<const double> scale, std::span<const std::byte> poison, int threads) {
  const std::int64_t n = spec.elements();
  const auto count = static_cast<std::size_t>(n);
  if (got.size() != spec.bytes() || expected.size() != count || (!scale.empty() && scale.size() != count) ||
      (!poison.empty() && poison.size() != got.size()))
    throw std::invalid_argument("compare: sizes do not match tensor '" + spec.name + "'");

  const bool exact = !is_float(spec.dtype);
  const Comparer comparer{spec,     element_bound(spec.dtype, arithmetic, tolerance.element),
                          got,      poison,
                          expected, scale.empty() ? expected : scale};
  const std::int64_t parts = (n + kPart - 1) / kPart;
  std::vector<Tally> tallies(static_cast<std::size_t>(parts));
  parallel_for(parts, got.size() > kParallelBytes ? threads : 1, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t p = begin; p < end; ++p) {
      const std::int64_t first = p * kPart, last = std::min(n, first + kPart);
      tallies[static_cast<std::size_t>(p)] = exact ? comparer.integers(first, last) : comparer.floats(first, last);
    }
  });
  Tally total;
  for (const auto& t : tallies) total.add(t);

  double value = 0, wanted = 0;
  if (total.first_wrong >= 0) {
    const auto first = static_cast<std::size_t>(total.first_wrong);
    widen(spec.dtype, got.data() + first * info(spec.dtype).size, 1, &value);
    wanted = expected[first];
  }
  return conclude(spec, arithmetic, tolerance, total, value, wanted);
}

}  // namespace aisp::verify
