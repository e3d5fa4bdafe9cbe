// Sum of each column of a matrix: y[j] = Σ_i x[i, j].
#include <aisp/workload.hpp>

#include <algorithm>
#include <cmath>

using namespace aisp;

AISP_WORKLOAD(w) {
  w.about("Sum of each column of a matrix");
  const auto rows = w.param("rows", {.light = 512, .full = 1024, .held_out = {1, 700}, .edges = {1, 15, 17}});
  const auto cols = w.param("cols", {.light = 4096, .full = 65536, .held_out = {1, 3000}, .edges = {1, 257}});
  w.input("x", f32, {rows, cols}, mixed(normal(0, 1)));
  w.output("y", f32, {cols});
  w.accumulates(rows);
  // Twice the norm that follows from random roundings: where the inputs repeat a value, every addition of a column, and
  // of the others with it, rounds the same way.
  const double root = std::sqrt(static_cast<double>(rows)), element = 8 + 4 * root;
  w.tolerance({.element = element,
               .norm = std::min(element, (4 + 1.5 * root) * (1 + 6 / std::sqrt(static_cast<double>(cols)))),
               .why = "one accumulator a column rounds repeated values the same way each time"});
  w.flops(static_cast<double>(rows * cols));
  w.reference([=](Case& c) {
    const auto x = c.in<2>("x");
    const auto y = c.out<1>("y"), scale = c.scale<1>("y");
    for (std::int64_t j = 0; j < cols; ++j) y[j] = scale[j] = 0;
    for (std::int64_t i = 0; i < rows; ++i)
      for (std::int64_t j = 0; j < cols; ++j) {
        y[j] += x(i, j);
        scale[j] += std::fabs(x(i, j));
      }
  });
}
