// Element types of tensors: names, sizes, rounding units, and the storage-only 16- and 8-bit floats.
#pragma once

#include <aisp/plugin.h>

#include <bit>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace aisp {

enum class DType : std::uint8_t { f64, f32, f16, bf16, f8e4m3, f8e5m2, i64, i32, i8, u8 };
inline constexpr DType f64 = DType::f64, f32 = DType::f32, f16 = DType::f16, bf16 = DType::bf16, f8e4m3 = DType::f8e4m3,
                       f8e5m2 = DType::f8e5m2, i64 = DType::i64, i32 = DType::i32, i8 = DType::i8, u8 = DType::u8;

// Static facts of a dtype. `eps` is the unit roundoff: half the gap between 1 and the next number; 0 for integers.
struct DTypeInfo {
  const char* name;
  std::size_t size;  // bytes
  double eps;
  double max;  // largest finite value
  DLDataType dl;
};

constexpr DTypeInfo info(DType t) {
  switch (t) {
    case DType::f64: return {"f64", 8, 0x1p-53, 0x1.fffffffffffffp1023, {kDLFloat, 64, 1}};
    case DType::f32: return {"f32", 4, 0x1p-24, 0x1.fffffep127, {kDLFloat, 32, 1}};
    case DType::f16: return {"f16", 2, 0x1p-11, 65504, {kDLFloat, 16, 1}};
    case DType::bf16: return {"bf16", 2, 0x1p-8, 0x1.fep127, {kDLBfloat, 16, 1}};
    case DType::f8e4m3: return {"f8e4m3", 1, 0x1p-4, 448, {kDLFloat8_e4m3fn, 8, 1}};
    case DType::f8e5m2: return {"f8e5m2", 1, 0x1p-3, 57344, {kDLFloat8_e5m2, 8, 1}};
    case DType::i64: return {"i64", 8, 0, 0x1p63, {kDLInt, 64, 1}};
    case DType::i32: return {"i32", 4, 0, 2147483647, {kDLInt, 32, 1}};
    case DType::i8: return {"i8", 1, 0, 127, {kDLInt, 8, 1}};
    case DType::u8: return {"u8", 1, 0, 255, {kDLUInt, 8, 1}};
  }
  return {"?", 0, 0, 0, {kDLInt, 0, 0}};
}

constexpr bool is_float(DType t) { return info(t).eps > 0; }

// IEEE binary16, storage only: convert, compute in float, convert back (round to nearest even).
struct half {
  std::uint16_t bits;
};

// bfloat16: the upper half of a binary32.
struct bfloat16 {
  std::uint16_t bits;
};

// OCP FP8 (OCP 8-bit Floating Point Specification 1.0): E4M3 has no infinity, E5M2 has.
struct float8_e4m3 {
  std::uint8_t bits;
};
struct float8_e5m2 {
  std::uint8_t bits;
};

constexpr float to_float(bfloat16 v) { return std::bit_cast<float>(std::uint32_t{v.bits} << 16); }

constexpr bfloat16 to_bfloat16(float f) {
  const auto u = std::bit_cast<std::uint32_t>(f);
  if ((u & 0x7fffffffu) > 0x7f800000u) return {static_cast<std::uint16_t>((u >> 16) | 0x40u)};  // NaN stays NaN
  return {static_cast<std::uint16_t>((u + 0x7fffu + ((u >> 16) & 1u)) >> 16)};
}

constexpr float to_float(half v) {
  const std::uint32_t sign = std::uint32_t{v.bits & 0x8000u} << 16, exponent = (v.bits >> 10) & 0x1fu;
  std::uint32_t fraction = v.bits & 0x3ffu;
  if (exponent == 0x1f) return std::bit_cast<float>(sign | 0x7f800000u | (fraction << 13));
  if (exponent) return std::bit_cast<float>(sign | ((exponent + 112) << 23) | (fraction << 13));
  const float magnitude = static_cast<float>(fraction) * 0x1p-24f;
  return sign ? -magnitude : magnitude;
}

constexpr half to_half(float f) {
  const auto u = std::bit_cast<std::uint32_t>(f);
  const auto sign = static_cast<std::uint16_t>((u >> 16) & 0x8000u);
  const std::uint32_t magnitude = u & 0x7fffffffu;
  if (magnitude > 0x7f800000u) return {static_cast<std::uint16_t>(sign | 0x7e00u)};
  if (magnitude >= 0x477ff000u) return {static_cast<std::uint16_t>(sign | 0x7c00u)};  // rounds past 65504
  if (magnitude < 0x38800000u) {  // subnormal: adding 0.5 leaves the rounded fraction in the low bits
    const float shifted = std::bit_cast<float>(magnitude) + 0.5f;
    return {static_cast<std::uint16_t>(sign | (std::bit_cast<std::uint32_t>(shifted) - 0x3f000000u))};
  }
  const std::uint32_t rounded = magnitude + 0xfffu + ((magnitude >> 13) & 1u);
  return {static_cast<std::uint16_t>(sign | ((rounded - 0x38000000u) >> 13))};
}

namespace detail {

// Rounds to a float of 1 + exponent + fraction bits, to nearest even. Returns the magnitude's bits, which run on past
// the largest finite value when `f` does; NaN is the caller's.
template <int Exponent, int Fraction> constexpr std::uint32_t round_magnitude(float f) {
  constexpr int bias = (1 << (Exponent - 1)) - 1, drop = 23 - Fraction;
  constexpr auto smallest_normal = static_cast<std::uint32_t>(128 - bias) << 23;
  constexpr auto shifter = static_cast<std::uint32_t>(128 - bias + drop) << 23;  // its ulp is our smallest subnormal
  const std::uint32_t magnitude = std::bit_cast<std::uint32_t>(f) & 0x7fffffffu;
  if (magnitude < smallest_normal)
    return std::bit_cast<std::uint32_t>(std::bit_cast<float>(magnitude) + std::bit_cast<float>(shifter)) - shifter;
  const std::uint32_t rounded = magnitude + ((1u << (drop - 1)) - 1) + ((magnitude >> drop) & 1u);
  return (rounded >> drop) - (static_cast<std::uint32_t>(127 - bias) << Fraction);
}

template <int Exponent, int Fraction> constexpr float widen_magnitude(std::uint32_t magnitude) {
  constexpr int bias = (1 << (Exponent - 1)) - 1;
  constexpr auto smallest_subnormal = static_cast<std::uint32_t>(128 - bias - Fraction) << 23;
  if (magnitude < (1u << Fraction)) return static_cast<float>(magnitude) * std::bit_cast<float>(smallest_subnormal);
  return std::bit_cast<float>((magnitude << (23 - Fraction)) + (static_cast<std::uint32_t>(127 - bias) << 23));
}

constexpr float with_sign(float magnitude, bool negative) {
  return std::bit_cast<float>(std::bit_cast<std::uint32_t>(magnitude) | (negative ? 0x80000000u : 0u));
}

}  // namespace detail

constexpr float to_float(float8_e4m3 v) {
  const std::uint32_t magnitude = v.bits & 0x7fu;
  const float value = magnitude == 0x7fu ? std::bit_cast<float>(0x7fc00000u) : detail::widen_magnitude<4, 3>(magnitude);
  return detail::with_sign(value, v.bits >> 7);
}

constexpr float to_float(float8_e5m2 v) {
  const std::uint32_t magnitude = v.bits & 0x7fu;
  const float value = magnitude >= 0x7cu ? std::bit_cast<float>(magnitude == 0x7cu ? 0x7f800000u : 0x7fc00000u)
                                         : detail::widen_magnitude<5, 2>(magnitude);
  return detail::with_sign(value, v.bits >> 7);
}

// Not saturating (the specification's other mode; clamp first for that one): overflow gives NaN.
constexpr float8_e4m3 to_float8_e4m3(float f) {
  const auto u = std::bit_cast<std::uint32_t>(f);
  const std::uint32_t sign = (u >> 24) & 0x80u;
  const std::uint32_t magnitude = (u & 0x7fffffffu) > 0x7f800000u ? 0x7fu : detail::round_magnitude<4, 3>(f);
  return {static_cast<std::uint8_t>(sign | (magnitude < 0x7fu ? magnitude : 0x7fu))};
}

// Not saturating: overflow gives infinity.
constexpr float8_e5m2 to_float8_e5m2(float f) {
  const auto u = std::bit_cast<std::uint32_t>(f);
  const std::uint32_t sign = (u >> 24) & 0x80u;
  if ((u & 0x7fffffffu) > 0x7f800000u) return {static_cast<std::uint8_t>(sign | 0x7eu)};
  const std::uint32_t magnitude = detail::round_magnitude<5, 2>(f);
  return {static_cast<std::uint8_t>(sign | (magnitude < 0x7cu ? magnitude : 0x7cu))};
}

// The DType of a C++ element type; specialised for CUDA's types in <aisp/cuda/...>.
template <class T> struct dtype_of;
template <> struct dtype_of<double> { static constexpr DType value = f64; };
template <> struct dtype_of<float> { static constexpr DType value = f32; };
template <> struct dtype_of<half> { static constexpr DType value = f16; };
template <> struct dtype_of<bfloat16> { static constexpr DType value = bf16; };
template <> struct dtype_of<float8_e4m3> { static constexpr DType value = f8e4m3; };
template <> struct dtype_of<float8_e5m2> { static constexpr DType value = f8e5m2; };
template <> struct dtype_of<std::int64_t> { static constexpr DType value = i64; };
template <> struct dtype_of<std::int32_t> { static constexpr DType value = i32; };
template <> struct dtype_of<std::int8_t> { static constexpr DType value = i8; };
template <> struct dtype_of<std::uint8_t> { static constexpr DType value = u8; };

}  // namespace aisp
