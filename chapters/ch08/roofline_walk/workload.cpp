// Logistic growth over 256 steps, for each of n populations: v ← v + h·(v − v²), h = 1/128. One step after the other;
// how many of them a kernel takes each time it has an element at hand is what decides its arithmetic intensity.
#include <aisp/workload.hpp>

using namespace aisp;

AISP_WORKLOAD(w) {
  w.about("256 steps of logistic growth, elementwise");
  constexpr int steps = 256;
  const auto n = w.param("n", {.light = 1 << 18, .full = 1 << 26, .held_out = {1, 100'000}, .edges = {1, 17, 1027}});
  w.input("x", f32, {n}, uniform(0, 1));
  w.output("y", f32, {n});
  w.accumulates(2 * steps);
  w.flops(4.0 * steps * static_cast<double>(n));
  w.reference([=](Case& c) {
    const auto x = c.in<1>("x");
    const auto y = c.out<1>("y");
    for (std::int64_t i = 0; i < n; ++i) {
      double v = x[i];
      for (int s = 0; s < steps; ++s) v += (v - v * v) / 128;
      y[i] = v;
    }
  });
}
