// A large kernel and a chain of small ones that do not depend on each other, as training beside a service's requests: y
// = f(x), f an iteration of 64 steps, in tens of thousands of blocks, and z ← s((1 − r)·z + r·u) for every rate r,
// s(v) = v / (1 + |v|), a kernel for each. Without s the constant rates would compose into one step. The call is over
// when both are.
#include <aisp/workload.hpp>

#include <cmath>

#include "../iterate_reference.hpp"

using namespace aisp;

AISP_WORKLOAD(w) {
  w.about("A chain of small kernels beside a large one");
  const auto n = w.param("n", {.light = 1 << 18, .full = 1 << 24, .held_out = {1, 200000}, .edges = {1, 257}});
  const auto m = w.param("m", {.light = 8192, .full = 32768, .held_out = {1, 20000}, .edges = {1, 255}});
  const auto steps = w.param("steps", {.light = 10, .full = 48, .held_out = {1, 20}, .edges = {1}});
  w.input("x", f32, {n}, mixed(normal(0, 1)));
  w.input("u", f32, {m}, mixed(normal(0, 1)));
  w.input("start", f32, {m}, mixed(normal(0, 1)));
  w.constant("rate", f32, {steps}, uniform(0.01, 0.1));
  w.output("y", f32, {n});
  w.output("z", f32, {m});
  w.accumulates(64 + 5 * steps);
  w.flops(64 * 3.0 * static_cast<double>(n) + 6.0 * static_cast<double>(m * steps));
  w.reference([=](Case& c) {
    const auto x = c.in<1>("x"), u = c.in<1>("u"), start = c.in<1>("start"), rate = c.in<1>("rate");
    const auto y = c.out<1>("y"), y_scale = c.scale<1>("y"), z = c.out<1>("z"), z_scale = c.scale<1>("z");
    for (std::int64_t i = 0; i < n; ++i) {
      y[i] = ch11::iterated(x[i]);
      y_scale[i] = ch11::iterated_scale(y[i]);
    }
    for (std::int64_t i = 0; i < m; ++i) {
      double value = start[i], magnitude = std::fabs(start[i]);
      for (const double r : rate) {
        value = (1 - r) * value + r * u[i];
        const double damped = 1 / (1 + std::fabs(value));  // s' is its square
        value *= damped;
        magnitude = damped * damped * ((1 - r) * magnitude + r * std::fabs(u[i])) + std::fabs(value);
      }
      z[i] = value;
      z_scale[i] = magnitude;
    }
  });
}
