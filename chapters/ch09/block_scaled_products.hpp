// The numbers of the block-scaled products, for their references on the host and on the device: `code`, `number` and
// `scale` give what a tensor holds at a flat index, as double or in its own type.
#pragma once

#include <aisp/block_scaled.hpp>
#include <aisp/tensor.hpp>

#include <cstdint>

namespace ch09 {

// Number k of a row of `depth` numbers of NVFP4.
template <class Codes, class Scales>
AISP_HD double nvfp4_at(const Codes& code, const Scales& scale, std::int64_t row, std::int64_t depth, std::int64_t k) {
  const auto pair = static_cast<std::uint8_t>(code(row * (depth / 2) + k / 2));
  const auto scaled_by = static_cast<std::uint8_t>(scale(row * (depth / aisp::kNvfp4Block) + k / aisp::kNvfp4Block));
  return double{aisp::e2m1_at(pair, static_cast<int>(k % 2))} * aisp::ue4m3_to_float(scaled_by);
}

// The same of MXFP8.
template <class Numbers, class Scales>
AISP_HD double mxfp8_at(const Numbers& number, const Scales& scale, std::int64_t row, std::int64_t depth,
                        std::int64_t k) {
  const auto scaled_by = static_cast<std::uint8_t>(scale(row * (depth / aisp::kMxBlock) + k / aisp::kMxBlock));
  return static_cast<double>(number(row * depth + k)) * aisp::ue8m0_to_float(scaled_by);
}

// c = left·rightᵀ, and the sums of the terms' magnitudes, which rounding errors are made of.
template <class Left, class Right>
void multiply(std::int64_t m, std::int64_t n, std::int64_t k, const Left& left, const Right& right,
              aisp::Matrix<double> c, aisp::Matrix<double> scale) {
  for (std::int64_t i = 0; i < m; ++i)
    for (std::int64_t j = 0; j < n; ++j) {
      double sum = 0, magnitude = 0;
      for (std::int64_t at = 0; at < k; ++at) {
        const double term = left(i, at) * right(j, at);
        sum += term;
        magnitude += term < 0 ? -term : term;
      }
      c(i, j) = sum;
      scale(i, j) = magnitude;
    }
}

}  // namespace ch09
