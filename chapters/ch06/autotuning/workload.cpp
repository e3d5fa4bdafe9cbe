// Rows divided by the sum of their magnitudes: y[i, j] = x[i, j] / (1 + Σ |x[i, :]|).
#include <aisp/workload.hpp>

#include <cmath>

using namespace aisp;

AISP_WORKLOAD(w) {
  w.about("Rows divided by the sum of their magnitudes");
  const auto rows = w.param("rows", {.light = 2048, .full = 65536, .held_out = {1, 300}, .edges = {1}});
  const auto cols = w.param("cols", {.light = 500, .full = 500, .held_out = {1, 3000}, .edges = {1, 31, 1025}});
  w.input("x", f32, {rows, cols}, mixed(normal(0, 1)));
  w.output("y", f32, {rows, cols});
  w.accumulates(cols);
  w.flops(3.0 * static_cast<double>(rows * cols));
  w.reference([=](Case& c) {
    const auto x = c.in<2>("x");
    const auto y = c.out<2>("y");
    for (std::int64_t i = 0; i < rows; ++i) {
      double sum = 1;
      for (std::int64_t j = 0; j < cols; ++j) sum += std::fabs(x(i, j));
      for (std::int64_t j = 0; j < cols; ++j) y(i, j) = x(i, j) / sum;
    }
  });
}
