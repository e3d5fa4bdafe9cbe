// Standardisation of a vector: y = (x − mean) / sqrt(variance + 1e-5), the variance computed from the differences to
// the mean, so that all of the vector is needed twice before the first result.
#include <aisp/workload.hpp>

#include <cmath>

using namespace aisp;

AISP_WORKLOAD(w) {
  w.about("Standardisation of a vector: two sums over all of it, then a pass");
  const auto n = w.param("n", {.light = 1 << 18, .full = 1 << 22, .held_out = {100, 300000}, .edges = {2, 257, 65537}});
  w.input("x", f32, {n}, mixed(normal(0, 1)));
  w.output("y", f32, {n});
  w.accumulates(n / 256 + 64);  // the sums are made of many parts
  w.flops(6.0 * static_cast<double>(n));
  w.reference([=](Case& c) {
    const auto x = c.in<1>("x");
    const auto y = c.out<1>("y"), scale = c.scale<1>("y");
    const auto count = static_cast<double>(n);
    double sum = 0, magnitude = 0, squares = 0;
    for (const double v : x) {
      sum += v;
      magnitude += std::fabs(v);
    }
    const double mean = sum / count;
    for (const double v : x) squares += (v - mean) * (v - mean);
    const double inverse = 1 / std::sqrt(squares / count + 1e-5);
    for (std::int64_t i = 0; i < n; ++i) {
      y[i] = (x[i] - mean) * inverse;
      scale[i] = (std::fabs(x[i]) + magnitude / count) * inverse;
    }
  });
}
