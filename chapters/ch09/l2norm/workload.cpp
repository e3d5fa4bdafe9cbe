// Each row of a matrix divided by its Euclidean length: y = x / sqrt(Σ x² + 10⁻¹²).
#include <aisp/workload.hpp>

#include <cmath>

using namespace aisp;

AISP_WORKLOAD(w) {
  w.about("Rows of a matrix scaled to unit length");
  const auto rows = w.param("rows", {.light = 512, .full = 16384, .held_out = {1, 300}, .edges = {1}});
  const auto cols = w.param("cols", {.light = 1024, .full = 4096, .held_out = {1, 3000}, .edges = {1, 15, 65}});
  w.input("x", f32, {rows, cols}, mixed(normal(0, 1)));
  w.output("y", f32, {rows, cols});
  w.accumulates(cols);
  w.flops(3.0 * static_cast<double>(rows * cols));
  w.reference([=](Case& c) {
    const auto x = c.in<2>("x");
    const auto y = c.out<2>("y");
    for (std::int64_t i = 0; i < rows; ++i) {
      double sum = 0;
      for (std::int64_t j = 0; j < cols; ++j) sum += x(i, j) * x(i, j);
      const double inverse = 1 / std::sqrt(sum + 1e-12);
      for (std::int64_t j = 0; j < cols; ++j) y(i, j) = x(i, j) * inverse;
    }
  });
}
