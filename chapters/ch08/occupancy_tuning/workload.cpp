// Blur with a window of 5 x 5, all weights 1/25, zeros outside: y[i, j] = Σ x[i + a, j + b] / 25, |a|, |b| ≤ 2.
#include <aisp/workload.hpp>

#include <algorithm>
#include <cmath>

using namespace aisp;

AISP_WORKLOAD(w) {
  w.about("Blur with a 5 x 5 window");
  const auto rows = w.param("rows", {.light = 512, .full = 8192, .held_out = {1, 300}, .edges = {1, 2, 33}});
  const auto cols = w.param("cols", {.light = 512, .full = 8192, .held_out = {1, 500}, .edges = {1, 3, 65}});
  w.input("x", f32, {rows, cols}, mixed(normal(0, 1)));
  w.output("y", f32, {rows, cols});
  w.accumulates(25);
  w.flops(9.0 * static_cast<double>(rows * cols));  // the window is a product of two sums of five
  w.reference([=](Case& c) {
    const auto x = c.in<2>("x");
    const auto y = c.out<2>("y"), scale = c.scale<2>("y");
    for (std::int64_t i = 0; i < rows; ++i)
      for (std::int64_t j = 0; j < cols; ++j) {
        double sum = 0, magnitude = 0;
        for (auto p = std::max<std::int64_t>(i - 2, 0); p < std::min(i + 3, rows); ++p)
          for (auto q = std::max<std::int64_t>(j - 2, 0); q < std::min(j + 3, cols); ++q) {
            sum += x(p, q);
            magnitude += std::fabs(x(p, q));
          }
        y(i, j) = sum / 25;
        scale(i, j) = magnitude / 25;
      }
  });
}
