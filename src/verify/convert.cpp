#include "verify/convert.hpp"

#include <aisp/cpu.hpp>

#include <bit>
#include <cmath>
#include <cstring>
#include <limits>
#include <type_traits>

namespace aisp::verify {
namespace {

template <class T> constexpr T clamp(T v, T lo, T hi) { return v < lo ? lo : v > hi ? hi : v; }

// Round to odd: rounding the result once more, to 22 bits or fewer, is then as good as rounding the double itself
// (Boldo and Melquiond, "Emulation of FMA and correctly rounded sums", 2008).
[[gnu::always_inline]] inline float round_to_odd(double d) {
  const auto f = static_cast<float>(d);
  auto u = std::bit_cast<std::uint32_t>(f);
  const bool inexact = static_cast<double>(f) != d, away = std::fabs(static_cast<double>(f)) > std::fabs(d);
  u -= inexact && away ? 1u : 0u;
  u |= inexact ? 1u : 0u;
  return std::bit_cast<float>(u);
}

template <class T> [[gnu::always_inline]] inline float for_narrowing(T v) {
  if constexpr (std::is_same_v<T, float>)
    return v;
  else
    return round_to_odd(static_cast<double>(v));
}

// to_half without branches, for values within the finite range.
[[gnu::always_inline]] inline std::uint16_t half_bits(float f) {
  const auto u = std::bit_cast<std::uint32_t>(f);
  const std::uint32_t sign = (u >> 16) & 0x8000u, magnitude = u & 0x7fffffffu;
  const std::uint32_t subnormal = std::bit_cast<std::uint32_t>(std::bit_cast<float>(magnitude) + 0.5f) - 0x3f000000u;
  const std::uint32_t normal = (magnitude + 0xfffu + ((magnitude >> 13) & 1u) - 0x38000000u) >> 13;
  return static_cast<std::uint16_t>(sign | (magnitude < 0x38800000u ? subnormal : normal));
}

template <class T> AISP_SIMD void to_f16(const T* v, std::int64_t n, std::uint16_t* out) {
  for (std::int64_t i = 0; i < n; ++i) out[i] = half_bits(clamp(for_narrowing(v[i]), -65504.0f, 65504.0f));
}

template <class T> AISP_SIMD void to_bf16(const T* v, std::int64_t n, std::uint16_t* out) {
  for (std::int64_t i = 0; i < n; ++i) {
    const auto u = std::bit_cast<std::uint32_t>(clamp(for_narrowing(v[i]), -0x1.fep127f, 0x1.fep127f));
    out[i] = static_cast<std::uint16_t>((u + 0x7fffu + ((u >> 16) & 1u)) >> 16);
  }
}

template <class T, class Integer> void to_integer(const T* v, std::int64_t n, Integer* out) {
  using Limits = std::numeric_limits<Integer>;
  for (std::int64_t i = 0; i < n; ++i) {
    if constexpr (std::is_floating_point_v<T>) {
      const double rounded = std::nearbyint(static_cast<double>(v[i]));
      // The largest i64 is not a double; 2^63 itself must not be converted.
      out[i] = rounded >= static_cast<double>(Limits::max())   ? Limits::max()
               : rounded <= static_cast<double>(Limits::min()) ? Limits::min()
                                                               : static_cast<Integer>(rounded);
    } else {
      out[i] = static_cast<Integer>(
          clamp<std::int64_t>(std::int64_t{v[i]}, std::int64_t{Limits::min()}, std::int64_t{Limits::max()}));
    }
  }
}

template <class T, class Float> void to_float_type(const T* v, std::int64_t n, Float* out) {
  if constexpr (std::is_same_v<T, Float>) {
    std::memcpy(out, v, static_cast<std::size_t>(n) * sizeof(Float));
  } else {
    for (std::int64_t i = 0; i < n; ++i)
      if constexpr (std::is_floating_point_v<T>)
        out[i] = static_cast<Float>(clamp<T>(v[i], static_cast<T>(std::numeric_limits<Float>::lowest()),
                                             static_cast<T>(std::numeric_limits<Float>::max())));
      else
        out[i] = static_cast<Float>(v[i]);
  }
}

AISP_SIMD void widen_f16(const std::uint16_t* in, std::int64_t n, double* out) {
  for (std::int64_t i = 0; i < n; ++i) {
    const std::uint32_t magnitude = in[i] & 0x7fffu, sign = std::uint32_t{in[i] & 0x8000u} << 16;
    const auto scaled = std::bit_cast<std::uint32_t>(std::bit_cast<float>(magnitude << 13) * 0x1p112f);
    out[i] = static_cast<double>(std::bit_cast<float>(scaled | sign | (magnitude >= 0x7c00u ? 0x7f800000u : 0u)));
  }
}

template <class Element> AISP_SIMD void widen_plain(const Element* in, std::int64_t n, double* out) {
  for (std::int64_t i = 0; i < n; ++i) out[i] = static_cast<double>(in[i]);
}

AISP_SIMD void widen_bf16(const std::uint16_t* in, std::int64_t n, double* out) {
  for (std::int64_t i = 0; i < n; ++i) out[i] = static_cast<double>(std::bit_cast<float>(std::uint32_t{in[i]} << 16));
}

}  // namespace

template <class T> void round_to(DType dtype, const T* values, std::int64_t count, std::byte* out) {
  switch (dtype) {
    case DType::f64: return to_float_type(values, count, reinterpret_cast<double*>(out));
    case DType::f32: return to_float_type(values, count, reinterpret_cast<float*>(out));
    case DType::f16: return to_f16(values, count, reinterpret_cast<std::uint16_t*>(out));
    case DType::bf16: return to_bf16(values, count, reinterpret_cast<std::uint16_t*>(out));
    case DType::f8e4m3:
      for (std::int64_t i = 0; i < count; ++i)
        out[i] = std::byte{to_float8_e4m3(clamp(for_narrowing(values[i]), -448.0f, 448.0f)).bits};
      return;
    case DType::f8e5m2:
      for (std::int64_t i = 0; i < count; ++i)
        out[i] = std::byte{to_float8_e5m2(clamp(for_narrowing(values[i]), -57344.0f, 57344.0f)).bits};
      return;
    case DType::i64: return to_integer(values, count, reinterpret_cast<std::int64_t*>(out));
    case DType::i32: return to_integer(values, count, reinterpret_cast<std::int32_t*>(out));
    case DType::i8: return to_integer(values, count, reinterpret_cast<std::int8_t*>(out));
    case DType::u8: return to_integer(values, count, reinterpret_cast<std::uint8_t*>(out));
  }
}

template void round_to(DType, const float*, std::int64_t, std::byte*);
template void round_to(DType, const double*, std::int64_t, std::byte*);
template void round_to(DType, const std::int32_t*, std::int64_t, std::byte*);
template void round_to(DType, const std::int64_t*, std::int64_t, std::byte*);

void widen(DType dtype, const std::byte* bytes, std::int64_t n, double* out) {
  switch (dtype) {
    case DType::f64: std::memcpy(out, bytes, static_cast<std::size_t>(n) * sizeof(double)); return;
    case DType::f32: return widen_plain(reinterpret_cast<const float*>(bytes), n, out);
    case DType::f16: return widen_f16(reinterpret_cast<const std::uint16_t*>(bytes), n, out);
    case DType::bf16: return widen_bf16(reinterpret_cast<const std::uint16_t*>(bytes), n, out);
    case DType::f8e4m3:
      for (std::int64_t i = 0; i < n; ++i)
        out[i] = static_cast<double>(to_float(float8_e4m3{std::to_integer<std::uint8_t>(bytes[i])}));
      return;
    case DType::f8e5m2:
      for (std::int64_t i = 0; i < n; ++i)
        out[i] = static_cast<double>(to_float(float8_e5m2{std::to_integer<std::uint8_t>(bytes[i])}));
      return;
    case DType::i64: return widen_plain(reinterpret_cast<const std::int64_t*>(bytes), n, out);
    case DType::i32: return widen_plain(reinterpret_cast<const std::int32_t*>(bytes), n, out);
    case DType::i8: return widen_plain(reinterpret_cast<const std::int8_t*>(bytes), n, out);
    case DType::u8: return widen_plain(reinterpret_cast<const std::uint8_t*>(bytes), n, out);
  }
}

double below(DType dtype, double x) {
  alignas(8) std::byte element[8];
  double value = 0, guess = std::nextafter(x, -INFINITY);
  // Rounding may go up to x or past it; a step of one unit roundoff further down then rounds to the neighbour below.
  for (double step = std::fabs(x) * info(dtype).eps + 0x1p-160;; step *= 2) {
    round_to(dtype, &guess, 1, element);
    widen(dtype, element, 1, &value);
    if (value < x || -info(dtype).max >= x) return value;
    guess = x - step;
  }
}

}  // namespace aisp::verify
