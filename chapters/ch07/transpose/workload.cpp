// Transpose of a matrix: y[j, i] = x[i, j].
#include <aisp/workload.hpp>

#include <algorithm>

using namespace aisp;

AISP_WORKLOAD(w) {
  w.about("Transpose of a matrix");
  const auto rows = w.param("rows", {.light = 1024, .full = 8192, .held_out = {1, 700}, .edges = {1, 15, 33}});
  const auto cols = w.param("cols", {.light = 1024, .full = 8192, .held_out = {1, 700}, .edges = {1, 17, 64}});
  w.input("x", f32, {rows, cols}, mixed(normal(0, 1)));
  w.output("y", f32, {cols, rows});
  w.reference([=](Case& c) {
    const auto x = c.in<2>("x");
    const auto y = c.out<2>("y");
    constexpr std::int64_t block = 16;  // whole lines of both sides stay in the first cache level
    for (std::int64_t i0 = 0; i0 < rows; i0 += block)
      for (std::int64_t j0 = 0; j0 < cols; j0 += block)
        for (std::int64_t j = j0; j < std::min(j0 + block, cols); ++j)
          for (std::int64_t i = i0; i < std::min(i0 + block, rows); ++i) y(j, i) = x(i, j);
  });
}
