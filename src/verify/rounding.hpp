// One element rounded to a dtype or widened from it; convert.hpp does it in bulk.
#pragma once

#include <aisp/dtype.hpp>

#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <type_traits>

#include "verify/inline.hpp"

namespace aisp::verify {

template <class T> AISP_INLINE constexpr T clamp(T v, T lo, T hi) { return v < lo ? lo : v > hi ? hi : v; }

// Round to odd: rounding the result once more, to 22 bits or fewer, is then as good as rounding the double itself
// (Boldo and Melquiond, "Emulation of FMA and correctly rounded sums", 2008).
AISP_INLINE float round_to_odd(double d) {
  const auto f = static_cast<float>(d);
  auto u = std::bit_cast<std::uint32_t>(f);
  const bool inexact = static_cast<double>(f) != d, away = std::fabs(static_cast<double>(f)) > std::fabs(d);
  u -= inexact && away ? 1u : 0u;
  u |= inexact ? 1u : 0u;
  return std::bit_cast<float>(u);
}

template <class T> AISP_INLINE float for_narrowing(T v) {
  if constexpr (std::is_same_v<T, float>)
    return v;
  else
    return round_to_odd(static_cast<double>(v));
}

// to_half without branches, for values within the finite range.
AISP_INLINE std::uint16_t half_bits(float f) {
  const auto u = std::bit_cast<std::uint32_t>(f);
  const std::uint32_t sign = (u >> 16) & 0x8000u, magnitude = u & 0x7fffffffu;
  const std::uint32_t subnormal = std::bit_cast<std::uint32_t>(std::bit_cast<float>(magnitude) + 0.5f) - 0x3f000000u;
  const std::uint32_t normal = (magnitude + 0xfffu + ((magnitude >> 13) & 1u) - 0x38000000u) >> 13;
  return static_cast<std::uint16_t>(sign | (magnitude < 0x38800000u ? subnormal : normal));
}

template <class T> AISP_INLINE std::uint16_t f16_bits(T v) {
  return half_bits(clamp(for_narrowing(v), -65504.0f, 65504.0f));
}
template <class T> AISP_INLINE std::uint16_t bf16_bits(T v) {
  const auto u = std::bit_cast<std::uint32_t>(clamp(for_narrowing(v), -0x1.fep127f, 0x1.fep127f));
  return static_cast<std::uint16_t>((u + 0x7fffu + ((u >> 16) & 1u)) >> 16);
}
template <class T> AISP_INLINE std::uint8_t f8e4m3_bits(T v) {
  return to_float8_e4m3(clamp(for_narrowing(v), -448.0f, 448.0f)).bits;
}
template <class T> AISP_INLINE std::uint8_t f8e5m2_bits(T v) {
  return to_float8_e5m2(clamp(for_narrowing(v), -57344.0f, 57344.0f)).bits;
}

template <class Integer, class T> AISP_INLINE Integer to_integer(T v) {
  using Limits = std::numeric_limits<Integer>;
  if constexpr (std::is_floating_point_v<T>) {
    const double rounded = std::nearbyint(static_cast<double>(v));
    // The largest i64 is not a double; 2^63 itself must not be converted.
    return rounded >= static_cast<double>(Limits::max())   ? Limits::max()
           : rounded <= static_cast<double>(Limits::min()) ? Limits::min()
                                                           : static_cast<Integer>(rounded);
  } else {
    return static_cast<Integer>(
        clamp<std::int64_t>(std::int64_t{v}, std::int64_t{Limits::min()}, std::int64_t{Limits::max()}));
  }
}

template <class Float, class T> AISP_INLINE Float to_float_type(T v) {
  if constexpr (std::is_same_v<T, Float>)
    return v;
  else if constexpr (std::is_floating_point_v<T>)
    return static_cast<Float>(clamp<T>(v, static_cast<T>(std::numeric_limits<Float>::lowest()),
                                       static_cast<T>(std::numeric_limits<Float>::max())));
  else
    return static_cast<Float>(v);
}

// Element i of a tensor at `bytes`, rounded from v: to nearest even, clamped to the dtype's finite range.
template <class T> AISP_INLINE void round_element(DType dtype, T v, std::byte* bytes, std::int64_t i) {
  switch (dtype) {
    case DType::f64: reinterpret_cast<double*>(bytes)[i] = to_float_type<double>(v); return;
    case DType::f32: reinterpret_cast<float*>(bytes)[i] = to_float_type<float>(v); return;
    case DType::f16: reinterpret_cast<std::uint16_t*>(bytes)[i] = f16_bits(v); return;
    case DType::bf16: reinterpret_cast<std::uint16_t*>(bytes)[i] = bf16_bits(v); return;
    case DType::f8e4m3: reinterpret_cast<std::uint8_t*>(bytes)[i] = f8e4m3_bits(v); return;
    case DType::f8e5m2: reinterpret_cast<std::uint8_t*>(bytes)[i] = f8e5m2_bits(v); return;
    case DType::i64: reinterpret_cast<std::int64_t*>(bytes)[i] = to_integer<std::int64_t>(v); return;
    case DType::i32: reinterpret_cast<std::int32_t*>(bytes)[i] = to_integer<std::int32_t>(v); return;
    case DType::i8: reinterpret_cast<std::int8_t*>(bytes)[i] = to_integer<std::int8_t>(v); return;
    case DType::u8: reinterpret_cast<std::uint8_t*>(bytes)[i] = to_integer<std::uint8_t>(v); return;
  }
}

// Element i as a double (i64 beyond 2^53 is rounded).
AISP_INLINE double widen_element(DType dtype, const std::byte* bytes, std::int64_t i) {
  const auto u8_at = [&] { return reinterpret_cast<const std::uint8_t*>(bytes)[i]; };
  const auto u16_at = [&] { return reinterpret_cast<const std::uint16_t*>(bytes)[i]; };
  switch (dtype) {
    case DType::f64: return reinterpret_cast<const double*>(bytes)[i];
    case DType::f32: return static_cast<double>(reinterpret_cast<const float*>(bytes)[i]);
    case DType::f16: return static_cast<double>(to_float(half{u16_at()}));
    case DType::bf16: return static_cast<double>(to_float(bfloat16{u16_at()}));
    case DType::f8e4m3: return static_cast<double>(to_float(float8_e4m3{u8_at()}));
    case DType::f8e5m2: return static_cast<double>(to_float(float8_e5m2{u8_at()}));
    case DType::i64: return static_cast<double>(reinterpret_cast<const std::int64_t*>(bytes)[i]);
    case DType::i32: return static_cast<double>(reinterpret_cast<const std::int32_t*>(bytes)[i]);
    case DType::i8: return static_cast<double>(reinterpret_cast<const std::int8_t*>(bytes)[i]);
    case DType::u8: return static_cast<double>(u8_at());
  }
  return 0;
}

}  // namespace aisp::verify
