// Sum of each row of a matrix: y[i] = Σ_j x[i, j].
#include <aisp/workload.hpp>

#include <cmath>

using namespace aisp;

AISP_WORKLOAD(w) {
  w.about("Sum of each row of a matrix");
  const auto rows = w.param("rows", {.light = 128, .full = 16384, .held_out = {1, 200}, .edges = {1}});
  const auto cols = w.param("cols", {.light = 4096, .full = 4096, .held_out = {1, 5000}, .edges = {1, 7, 65}});
  w.input("x", f32, {rows, cols}, mixed(normal(0, 1)));
  w.output("y", f32, {rows});
  w.accumulates(cols);
  w.flops(static_cast<double>(rows * cols));
  w.reference([=](Case& c) {
    const auto x = c.in<2>("x");
    const auto y = c.out<1>("y");
    const auto scale = c.scale<1>("y");
    for (std::int64_t i = 0; i < rows; ++i) {
      double sum = 0, magnitude = 0;
      for (std::int64_t j = 0; j < cols; ++j) {
        sum += x(i, j);
        magnitude += std::abs(x(i, j));
      }
      y(i) = sum;
      scale(i) = magnitude;
    }
  });
}
