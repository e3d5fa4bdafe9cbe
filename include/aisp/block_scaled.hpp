// Numbers of 4 and 8 bits that share a scale with their neighbours along a row: the formats of the OCP Microscaling
// Specification 1.0 (MX: E2M1 and E4M3 in blocks of 32, scales E8M0) and NVIDIA's NVFP4 (E2M1 in blocks of 16, scales
// E4M3 without a sign). Tensors hold their codes as u8. A value is code × scale; products of two values are exact in
// FP32.
#pragma once

#include <aisp/dtype.hpp>

#include <bit>
#include <cstdint>

namespace aisp {

inline constexpr int kNvfp4Block = 16, kMxBlock = 32;  // numbers that share a scale

// E2M1, OCP MX §5.3.3: ±{0, ½, 1, 1½, 2, 3, 4, 6}. The low four bits of `code`.
constexpr float e2m1_to_float(unsigned code) {
  const unsigned exponent = code >> 1 & 3, fraction = code & 1;
  const float magnitude =
      exponent == 0 ? 0.5f * static_cast<float>(fraction) : static_cast<float>((2 + fraction) << (exponent - 1)) * 0.5f;
  return code & 8 ? -magnitude : magnitude;
}
// Two in a byte, the first in the low half.
constexpr float e2m1_at(std::uint8_t pair, int which) { return e2m1_to_float(which ? pair >> 4 : pair & 15u); }

// A scale of NVFP4: E4M3 whose sign is not used; 0x7f is NaN.
constexpr float ue4m3_to_float(std::uint8_t code) {
  return to_float(float8_e4m3{static_cast<std::uint8_t>(code & 0x7fu)});
}
// A scale of MX: 2^(code − 127); 255 is NaN. OCP MX §5.4.1.
constexpr float ue8m0_to_float(std::uint8_t code) {
  if (code == 255) return std::bit_cast<float>(0x7fc00000u);
  return code == 0 ? 0x1p-127f : std::bit_cast<float>(std::uint32_t{code} << 23);
}

}  // namespace aisp
