// Exponential smoothing of many signals: y[c, t] = decay[c]·y[c, t−1] + x[c, t], a recurrence in t, independent in c.
#include <aisp/workload.hpp>

#include <algorithm>
#include <cmath>

using namespace aisp;

AISP_WORKLOAD(w) {
  w.about("First-order recurrence over time, for many independent channels");
  const auto channels = w.param("channels", {.light = 64, .full = 1024, .held_out = {1, 70}, .edges = {1, 3, 17}});
  const auto steps = w.param("steps", {.light = 4000, .full = 64000, .held_out = {1, 3000}, .edges = {1, 7}});
  w.input("x", f32, {channels, steps}, mixed(normal(0, 1)));
  w.input("decay", f32, {channels}, uniform(0.97, 0.999));
  w.output("y", f32, {channels, steps});
  w.accumulates(std::min<std::int64_t>(2 * steps, 2000));  // what is older than 1 / (1 − decay) steps has faded
  w.tolerance(
      {.element = 1000,
       .norm = 300,
       .why = "roundings of a state that hardly moves share their sign: where inputs do not change theirs, up to "
              "1 / (1 - 0.999) of them add up instead of cancelling (3 and 4 times what random ones give was seen)"});
  w.flops(2.0 * static_cast<double>(channels * steps));
  w.reference([=](Case& c) {
    const auto x = c.in<2>("x");
    const auto decay = c.in<1>("decay");
    const auto y = c.out<2>("y"), scale = c.scale<2>("y");
    for (std::int64_t i = 0; i < channels; ++i) {
      double state = 0, magnitude = 0;
      for (std::int64_t t = 0; t < steps; ++t) {
        y(i, t) = state = decay[i] * state + x(i, t);
        scale(i, t) = magnitude = decay[i] * magnitude + std::fabs(x(i, t));
      }
    }
  });
}
