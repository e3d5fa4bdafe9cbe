#include "tools/number_format.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>

namespace aisp::tools {
namespace {

constexpr std::string_view kIeee = "IEEE 754-2019", kFp8 = "OCP 8-bit Floating Point 1.0", kMx = "OCP MX 1.0",
                           kNvidia = "NVIDIA PTX ISA";

constexpr std::array<NumberFormat, 13> kFormats{{
    {"fp32", 8, 23, 0x1.fffffep127, false, 0, BlockScale::none, kIeee},
    {"tf32", 8, 10, 0x1.ffcp127, false, 0, BlockScale::none, kNvidia},
    {"bf16", 8, 7, 0x1.fep127, false, 0, BlockScale::none, kNvidia},
    {"fp16", 5, 10, 65504, false, 0, BlockScale::none, kIeee},
    {"fp8_e4m3", 4, 3, 448, true, 0, BlockScale::none, kFp8},
    {"fp8_e5m2", 5, 2, 57344, true, 0, BlockScale::none, kFp8},
    {"fp4_e2m1", 2, 1, 6, true, 0, BlockScale::none, kMx},
    {"mxfp8_e4m3", 4, 3, 448, true, 32, BlockScale::e8m0, kMx},
    {"mxfp8_e5m2", 5, 2, 57344, true, 32, BlockScale::e8m0, kMx},
    {"mxfp6_e2m3", 2, 3, 7.5, true, 32, BlockScale::e8m0, kMx},
    {"mxfp6_e3m2", 3, 2, 28, true, 32, BlockScale::e8m0, kMx},
    {"mxfp4", 2, 1, 6, true, 32, BlockScale::e8m0, kMx},
    {"nvfp4", 2, 1, 6, true, 16, BlockScale::e4m3, "NVIDIA Transformer Engine"},
}};

// floor(log2 |x|) of a normal double; −1023 for zero and subnormal ones, which every format here rounds to zero.
int exponent_of(double x) { return static_cast<int>((std::bit_cast<std::uint64_t>(x) >> 52) & 0x7ff) - 1023; }

double power_of_two(int e) { return std::bit_cast<double>(static_cast<std::uint64_t>(e + 1023) << 52); }

double largest_magnitude(std::span<const double> values) {
  double largest = 0;
  for (const double v : values)
    if (std::isfinite(v)) largest = std::max(largest, std::fabs(v));
  return largest;
}

// The shared scale of a block. MX: the largest power of two in the block over the largest of the element format, within
// E8M0's range. NVFP4: what makes the block's largest value 6, as an E4M3 number times the tensor's scale.
double block_scale(const NumberFormat& f, std::span<const double> block, double tensor) {
  const double largest = largest_magnitude(block);
  if (f.scale == BlockScale::e8m0) {
    if (largest == 0) return 1;
    return power_of_two(std::clamp(exponent_of(largest) - exponent_of(f.max), -127, 127));
  }
  return round_element(*find_number_format("fp8_e4m3"), largest / f.max / tensor) * tensor;
}

// As if the exponents had no upper end.
double round_unlimited(const NumberFormat& f, double x) {
  const int unit = std::max(exponent_of(x), f.least_exponent()) - f.mantissa_bits;
  return std::nearbyint(x * power_of_two(-unit)) * power_of_two(unit);
}

RoundingCounts round_scaled(const NumberFormat& f, std::span<const double> values, double scale,
                            std::span<double> out) {
  RoundingCounts counts;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const double v = values[i];
    out[i] = scale > 0 ? round_element(f, v / scale) * scale : 0;
    if (!std::isfinite(v)) continue;
    counts.overflows += scale > 0 && std::fabs(round_unlimited(f, v / scale)) > f.max ? 1 : 0;
    counts.underflows += v != 0 && out[i] == 0 ? 1 : 0;
  }
  return counts;
}

}  // namespace

std::span<const NumberFormat> number_formats() { return kFormats; }

const NumberFormat* find_number_format(std::string_view name) {
  for (const auto& f : kFormats)
    if (f.name == name) return &f;
  return nullptr;
}

double round_element(const NumberFormat& f, double x) {
  if (std::isnan(x)) return x;
  const double limit = f.saturates ? f.max : INFINITY;
  if (std::isinf(x)) return std::copysign(limit, x);
  const double rounded = round_unlimited(f, x);
  return std::fabs(rounded) > f.max ? std::copysign(limit, x) : rounded;
}

double spacing(const NumberFormat& f, double x) {
  const int least = f.block > 0 ? -1000 : f.least_exponent();
  return power_of_two(std::max(exponent_of(x), least) - f.mantissa_bits);
}

RoundingCounts round_rows(const NumberFormat& f, std::span<const double> values, std::int64_t row_length,
                          bool tensor_scale, std::span<double> out) {
  const double largest = largest_magnitude(values);
  if (f.block == 0) {
    const double scale = tensor_scale && largest > 0 ? largest / f.max : 1;
    return round_scaled(f, values, scale, out);
  }
  const double tensor =
      f.scale == BlockScale::e4m3 && largest > 0 ? static_cast<double>(static_cast<float>(largest / (f.max * 448))) : 1;
  RoundingCounts all;
  const auto length = static_cast<std::size_t>(row_length), block = static_cast<std::size_t>(f.block);
  for (std::size_t row = 0; row < values.size(); row += length)
    for (std::size_t at = 0; at < length; at += block) {
      const auto count = std::min(block, length - at);
      const auto part = values.subspan(row + at, count);
      const auto counts = round_scaled(f, part, block_scale(f, part, tensor), out.subspan(row + at, count));
      all.overflows += counts.overflows, all.underflows += counts.underflows;
    }
  return all;
}

}  // namespace aisp::tools
