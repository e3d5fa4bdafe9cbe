// Filter of an image by a 3 x 3 stencil, zeros outside: y[i, j] = Σ weight[p, q]·x[i + p − 1, j + q − 1]. Rows are
// multiples of 16 bytes, as images are padded for the copy engine.
#include <aisp/workload.hpp>

#include <algorithm>
#include <cmath>

using namespace aisp;

AISP_WORKLOAD(w) {
  w.about("3 x 3 stencil over an image");
  const auto rows = w.param("rows", {.light = 1024, .full = 8192, .held_out = {1, 700}, .edges = {1, 31, 33}});
  const auto cols = w.param("cols", {.light = 1024, .full = 4096, .held_out = {4, 700, 4}, .edges = {4, 60, 68}});
  w.input("x", f32, {rows, cols}, mixed(normal(0, 1)));
  w.constant("weight", f32, {3, 3}, normal(0, 1));
  w.output("y", f32, {rows, cols});
  w.accumulates(9);
  w.flops(18.0 * static_cast<double>(rows * cols));
  w.reference([=](Case& c) {
    const auto x = c.in<2>("x"), weight = c.in<2>("weight");
    const auto y = c.out<2>("y"), scale = c.scale<2>("y");
    for (std::int64_t i = 0; i < rows; ++i)
      for (std::int64_t j = 0; j < cols; ++j) {
        double sum = 0, magnitude = 0;
        for (std::int64_t p = std::max<std::int64_t>(i - 1, 0); p < std::min(i + 2, rows); ++p)
          for (std::int64_t q = std::max<std::int64_t>(j - 1, 0); q < std::min(j + 2, cols); ++q) {
            const double term = weight(p - i + 1, q - j + 1) * x(p, q);
            sum += term;
            magnitude += std::fabs(term);
          }
        y(i, j) = sum;
        scale(i, j) = magnitude;
      }
  });
}
