// Softmax of each row of a matrix: y = exp(x − max x) / Σ exp(x − max x).
#include <aisp/workload.hpp>

#include <algorithm>
#include <cmath>

using namespace aisp;

AISP_WORKLOAD(w) {
  w.about("Softmax of each row of a matrix");
  const auto rows = w.param("rows", {.light = 512, .full = 8192, .held_out = {1, 700}, .edges = {1}});
  const auto cols = w.param("cols", {.light = 2048, .full = 8192, .held_out = {1, 3000}, .edges = {1, 31}});
  w.input("x", f32, {rows, cols}, mixed(normal(0, 3)));
  w.output("y", f32, {rows, cols});
  w.accumulates(cols);
  const auto n = static_cast<double>(cols);
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
