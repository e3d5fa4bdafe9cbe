// A three-way threshold: values above t are amplified, values below −t are damped, the rest passes with a small gain.
//   y = 3·(x − t) if x > t,   0.25·(x + t) if x < −t,   0.5·x otherwise,   t = 0.5
#include <aisp/workload.hpp>

#include <cmath>

using namespace aisp;

AISP_WORKLOAD(w) {
  w.about("Three-way threshold of random data");
  const auto n = w.param("n", {.light = 1 << 19, .full = 1 << 26, .held_out = {1, 100'000}, .edges = {1, 15, 17}});
  w.input("x", f32, {n}, mixed(normal(0, 1)));
  w.output("y", f32, {n});
  w.flops(2.0 * static_cast<double>(n));
  w.reference([=](Case& c) {
    const auto x = c.in<1>("x");
    const auto y = c.out<1>("y");
    const auto scale = c.scale<1>("y");
    constexpr double t = 0.5;
    for (std::int64_t i = 0; i < n; ++i) {
      const double v = x(i), over = v > t, under = v < -t;  // each 0 or 1: the reference has no branches either
      const double gain = 0.5 + 2.5 * over - 0.25 * under, shift = t * (over - under);
      y(i) = gain * (v - shift);
      scale(i) = 3 * (std::abs(v) + t);
    }
  });
}
