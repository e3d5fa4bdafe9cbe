#include "verify/convert.hpp"

#include <aisp/cpu.hpp>

#include <bit>
#include <cmath>
#include <cstring>
#include <type_traits>

#include "verify/rounding.hpp"

namespace aisp::verify {
namespace {

template <class T> AISP_SIMD void to_f16(const T* v, std::int64_t n, std::uint16_t* out) {
  for (std::int64_t i = 0; i < n; ++i) out[i] = f16_bits(v[i]);
}

template <class T> AISP_SIMD void to_bf16(const T* v, std::int64_t n, std::uint16_t* out) {
  for (std::int64_t i = 0; i < n; ++i) out[i] = bf16_bits(v[i]);
}

template <class T, class Integer> void to_integers(const T* v, std::int64_t n, Integer* out) {
  for (std::int64_t i = 0; i < n; ++i) out[i] = to_integer<Integer>(v[i]);
}

template <class T, class Float> void to_floats(const T* v, std::int64_t n, Float* out) {
  if constexpr (std::is_same_v<T, Float>)
    std::memcpy(out, v, static_cast<std::size_t>(n) * sizeof(Float));
  else
    for (std::int64_t i = 0; i < n; ++i) out[i] = to_float_type<Float>(v[i]);
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
    case DType::f64: return to_floats(values, count, reinterpret_cast<double*>(out));
    case DType::f32: return to_floats(values, count, reinterpret_cast<float*>(out));
    case DType::f16: return to_f16(values, count, reinterpret_cast<std::uint16_t*>(out));
    case DType::bf16: return to_bf16(values, count, reinterpret_cast<std::uint16_t*>(out));
    case DType::f8e4m3:
      for (std::int64_t i = 0; i < count; ++i) out[i] = std::byte{f8e4m3_bits(values[i])};
      return;
    case DType::f8e5m2:
      for (std::int64_t i = 0; i < count; ++i) out[i] = std::byte{f8e5m2_bits(values[i])};
      return;
    case DType::i64: return to_integers(values, count, reinterpret_cast<std::int64_t*>(out));
    case DType::i32: return to_integers(values, count, reinterpret_cast<std::int32_t*>(out));
    case DType::i8: return to_integers(values, count, reinterpret_cast<std::int8_t*>(out));
    case DType::u8: return to_integers(values, count, reinterpret_cast<std::uint8_t*>(out));
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
