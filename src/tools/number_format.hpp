// Rounding to the number formats of machine learning, element by element and in blocks that share a scale. In double
// arithmetic, so one rounding and no surprise; the tests hold the 8- and 16-bit formats against aisp/dtype.hpp bit for
// bit.
//
// Sources: IEEE 754-2019; OCP 8-bit Floating Point Specification 1.0 (2023); OCP Microscaling Formats (MX) 1.0 (2023),
// §5.3 elements and §6.3 conversion; NVFP4 as in NVIDIA's cuDNN and Transformer Engine: E2M1 in blocks of 16 with an
// E4M3 scale each, and one FP32 scale for the tensor.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace aisp::tools {

enum class BlockScale : std::uint8_t { none, e8m0, e4m3 };

struct NumberFormat {
  std::string_view name;
  int exponent_bits = 0, mantissa_bits = 0;
  double max = 0;          // largest finite value of an element
  bool saturates = false;  // beyond it: the largest value, else infinity
  std::int64_t block = 0;  // elements that share a scale; 0 = no scales
  BlockScale scale = BlockScale::none;
  std::string_view source;

  int least_exponent() const { return 2 - (1 << (exponent_bits - 1)); }  // of normal numbers
  double bits() const { return 1 + exponent_bits + mantissa_bits + (block > 0 ? 8.0 / static_cast<double>(block) : 0); }
};

std::span<const NumberFormat> number_formats();
const NumberFormat* find_number_format(std::string_view name);

// To nearest, ties to even. NaN stays NaN.
double round_element(const NumberFormat&, double);
// Distance between neighbouring numbers of the format around x, as if its exponents had no end in a block format.
double spacing(const NumberFormat&, double x);

struct RoundingCounts {
  std::int64_t overflows = 0;   // finite and beyond the largest value
  std::int64_t underflows = 0;  // not zero, and rounded to zero
};

// Rows of `row_length` elements, each cut into blocks of its own (the last may be shorter). `tensor_scale` scales a
// format without blocks so that the largest magnitude becomes the format's largest value, as FP8 recipes do.
RoundingCounts round_rows(const NumberFormat&, std::span<const double> values, std::int64_t row_length,
                          bool tensor_scale, std::span<double> out);

}  // namespace aisp::tools
