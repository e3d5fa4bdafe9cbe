// Finite impulse response filter with 32 taps: y[i] = Σ weight[t]·x[i + t], t = 0 … 31. About as much arithmetic as the
// memory can feed, so that both must go on all the time.
#include <aisp/workload.hpp>

#include <cmath>

using namespace aisp;

AISP_WORKLOAD(w) {
  w.about("Filter with 32 taps");
  constexpr std::int64_t taps = 32;
  const auto n =
      w.param("n", {.light = 1 << 20, .full = 1 << 25, .held_out = {1, 300000}, .edges = {1, 4095, 4096, 4097, 65537}});
  w.input("x", f32, {n + taps - 1}, mixed(normal(0, 1)));
  w.constant("weight", f32, {taps}, normal(0, 1));
  w.output("y", f32, {n});
  w.accumulates(taps);
  w.flops(2.0 * taps * static_cast<double>(n));
  w.reference([=](Case& c) {
    const auto x = c.in<1>("x"), weight = c.in<1>("weight");
    const auto y = c.out<1>("y"), scale = c.scale<1>("y");
    for (std::int64_t i = 0; i < n; ++i) {
      double sum = 0, magnitude = 0;
      for (std::int64_t t = 0; t < taps; ++t) {
        const double term = weight[t] * x[i + t];
        sum += term;
        magnitude += std::fabs(term);
      }
      y[i] = sum;
      scale[i] = magnitude;
    }
  });
}
