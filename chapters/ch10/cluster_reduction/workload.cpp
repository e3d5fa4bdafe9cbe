// Rows divided by the sum of their magnitudes: y[r, :] = x[r, :] / (Σ |x[r, :]| + 1e-6). A row is too long for the
// shared memory of one block, and a machine has more multiprocessors than there are rows to fill it with one block
// each.
#include <aisp/workload.hpp>

#include <cmath>

using namespace aisp;

AISP_WORKLOAD(w) {
  w.about("Long rows divided by the sum of their magnitudes");
  const auto rows = w.param("rows", {.light = 16, .full = 1024, .held_out = {1, 20}, .edges = {1, 3}});
  const auto cols =
      w.param("cols", {.light = 16384, .full = 1 << 16, .held_out = {1, 20000}, .edges = {1, 31, 4095, 8193}});
  w.input("x", f32, {rows, cols}, mixed(normal(0, 1)));
  w.output("y", f32, {rows, cols});
  w.accumulates(cols / 256 + 64);  // the sums are made of many parts
  w.flops(2.0 * static_cast<double>(rows * cols));
  w.reference([=](Case& c) {
    const auto x = c.in<2>("x");
    const auto y = c.out<2>("y");
    for (std::int64_t r = 0; r < rows; ++r) {
      double sum = 1e-6;
      for (std::int64_t j = 0; j < cols; ++j) sum += std::fabs(x(r, j));
      for (std::int64_t j = 0; j < cols; ++j) y(r, j) = x(r, j) / sum;
    }
  });
}
