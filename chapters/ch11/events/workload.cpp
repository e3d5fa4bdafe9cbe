// Two vectors that need each other: in every step a ← s((1 − r)·a + r·b) and b ← s((1 − r)·b − r·a), both from the
// values before the step, s(v) = v / (1 + |v|). Without s the constant rates would compose into one step. The two
// updates are kernels on streams of their own, as those of two models or two devices would be, and every step of either
// needs the last step of both.
#include <aisp/workload.hpp>

#include <cmath>
#include <tuple>
#include <utility>

using namespace aisp;

AISP_WORKLOAD(w) {
  w.about("Two streams that need each other's results in every step");
  const auto n = w.param("n", {.light = 1 << 16, .full = 1 << 20, .held_out = {1, 100000}, .edges = {1, 257}});
  const auto steps = w.param("steps", {.light = 10, .full = 24, .held_out = {1, 20}, .edges = {1, 2}});
  w.input("a", f32, {n}, mixed(normal(0, 1)));
  w.input("b", f32, {n}, mixed(normal(0, 1)));
  w.constant("rate", f32, {steps}, uniform(0.1, 0.4));
  w.output("a_end", f32, {n});
  w.output("b_end", f32, {n});
  w.accumulates(5 * steps);
  w.flops(12.0 * static_cast<double>(n * steps));
  w.reference([=](Case& c) {
    const auto a = c.in<1>("a"), b = c.in<1>("b"), rate = c.in<1>("rate");
    const auto a_end = c.out<1>("a_end"), b_end = c.out<1>("b_end");
    const auto a_scale = c.scale<1>("a_end"), b_scale = c.scale<1>("b_end");
    for (std::int64_t i = 0; i < n; ++i) {
      double u = a[i], v = b[i], p = std::fabs(u), q = std::fabs(v);
      for (const double r : rate) {
        std::tie(u, v) = std::pair((1 - r) * u + r * v, (1 - r) * v - r * u);
        const double damped = 1 / (1 + std::fabs(u)), other = 1 / (1 + std::fabs(v));  // s' is the square of these
        u *= damped;
        v *= other;
        std::tie(p, q) = std::pair(damped * damped * ((1 - r) * p + r * q) + std::fabs(u),
                                   other * other * ((1 - r) * q + r * p) + std::fabs(v));
      }
      a_end[i] = u;
      b_end[i] = v;
      a_scale[i] = p;
      b_scale[i] = q;
    }
  });
}
