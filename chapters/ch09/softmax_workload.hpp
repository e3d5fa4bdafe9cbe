// What the softmax workloads share, all but names and sizes.
#pragma once

#include <aisp/workload.hpp>

#include <algorithm>
#include <cmath>

using namespace aisp;

namespace ch09 {

// `chain`: additions that one after the other an honest variant may make for the sum of a row.
inline void softmax(Workload& w, DType dtype, std::int64_t rows, std::int64_t cols, std::int64_t chain) {
  w.input("x", dtype, {rows, cols}, mixed(normal(0, 3)));
  w.output("y", dtype, {rows, cols});
  w.arithmetic(f32);
  w.accumulates(chain);
  const auto n = static_cast<double>(chain);
  w.tolerance(
      {.element = 8 + 4 * std::sqrt(n) + n,
       .norm = 2 + std::sqrt(n) + n,
       .why = "honest float sums err the same way at every step: equal terms, or an online sum of rising ones"});
  w.flops(5.0 * static_cast<double>(rows * cols));
  w.reference([=](Case& c) {
    const auto x = c.in<2>("x");
    const auto y = c.out<2>("y");
    const auto scale = c.scale<2>("y");
    for (std::int64_t i = 0; i < rows; ++i) {
      double top = x(i, 0), sum = 0;
      for (std::int64_t j = 1; j < cols; ++j) top = std::max(top, x(i, j));
      for (std::int64_t j = 0; j < cols; ++j) sum += y(i, j) = std::exp(x(i, j) - top);
      // x − max x is rounded before exp sees it, which moves exp by |x − max x| units. Results below 2⁻¹²⁶ may become
      // zero: that much error is allowed to every element.
      for (std::int64_t j = 0; j < cols; ++j) {
        y(i, j) /= sum;
        scale(i, j) = y(i, j) * (1 + top - x(i, j)) + 0x1p-102;
      }
    }
  });
}

}  // namespace ch09
