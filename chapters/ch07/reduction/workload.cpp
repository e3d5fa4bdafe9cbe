// Sum of each row of a matrix: y[i] = Σ x[i, j].
#include <aisp/workload.hpp>

#include <cmath>

using namespace aisp;

AISP_WORKLOAD(w) {
  w.about("Sum of each row of a matrix");
  const auto rows = w.param("rows", {.light = 64, .full = 4096, .held_out = {1, 70}, .edges = {1}});
  const auto cols = w.param("cols", {.light = 16384, .full = 16384, .held_out = {1, 9000}, .edges = {1, 15, 129}});
  w.input("x", f32, {rows, cols}, mixed(normal(0, 1)));
  w.output("y", f32, {rows});
  w.accumulates(cols);
  w.flops(static_cast<double>(rows * cols));
  w.reference([=](Case& c) {
    const auto x = c.in<2>("x");
    const auto y = c.out<1>("y"), scale = c.scale<1>("y");
    for (std::int64_t i = 0; i < rows; ++i) {
      double sum[4] = {}, magnitude[4] = {};
      std::int64_t j = 0;
      for (; j + 4 <= cols; j += 4)
        for (int l = 0; l < 4; ++l) {
          sum[l] += x(i, j + l);
          magnitude[l] += std::fabs(x(i, j + l));
        }
      for (; j < cols; ++j) {
        sum[0] += x(i, j);
        magnitude[0] += std::fabs(x(i, j));
      }
      y[i] = (sum[0] + sum[1]) + (sum[2] + sum[3]);
      scale[i] = (magnitude[0] + magnitude[1]) + (magnitude[2] + magnitude[3]);
    }
  });
}
