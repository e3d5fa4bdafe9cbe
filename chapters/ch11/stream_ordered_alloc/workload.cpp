// Local normalisation of a signal: y[i] = x[i] / sqrt(m[i] + 0.01), m[i] the mean of x² over the nine places around i,
// zeros outside. It takes two kernels, with a buffer for x² between them that the call allocates and frees, as an
// operator does that knows its sizes only when it runs.
#include <aisp/workload.hpp>

#include <algorithm>
#include <cmath>

using namespace aisp;

AISP_WORKLOAD(w) {
  w.about("Two kernels with a buffer of their call's own between them");
  const auto n = w.param("n", {.light = 1 << 18, .full = 1 << 22, .held_out = {1, 300000}, .edges = {1, 5, 1025}});
  w.input("x", f32, {n}, mixed(normal(0, 1)));
  w.output("y", f32, {n});
  w.accumulates(12);
  w.flops(13.0 * static_cast<double>(n));
  w.reference([=](Case& c) {
    const auto x = c.in<1>("x");
    const auto y = c.out<1>("y");
    for (std::int64_t i = 0; i < n; ++i) {
      double squares = 0;
      for (auto j = std::max<std::int64_t>(i - 4, 0); j <= std::min(i + 4, n - 1); ++j) squares += x[j] * x[j];
      y[i] = x[i] / std::sqrt(squares / 9 + 0.01);
    }
  });
}
