// Two kinds of elements, each iterated by a rule of its own, 32 times from zero: kind 0: v ← v/2 + x, kind 1:
// v ← x / (1 + |v|). Kinds are random, so the lanes of a warp disagree.
#include <aisp/workload.hpp>

#include <cmath>

using namespace aisp;

AISP_WORKLOAD(w) {
  w.about("Two kinds of elements, each with an iteration of its own");
  const auto n = w.param("n", {.light = 131072, .full = 1 << 22, .held_out = {1, 30000}, .edges = {1, 1025}});
  w.input("kind", u8, {n}, integers(0, 1));
  w.input("x", f32, {n}, mixed(normal(0, 1)));
  w.output("y", f32, {n});
  w.accumulates(32);
  w.flops(32 * 2.5 * static_cast<double>(n));
  w.reference([=](Case& c) {
    const auto kind = c.in<1>("kind"), x = c.in<1>("x");
    const auto y = c.out<1>("y"), scale = c.scale<1>("y");
    for (std::int64_t i = 0; i < n; ++i) {
      const bool damped = kind[i] == 0;
      double v = 0;
      for (int step = 0; step < 32; ++step) v = damped ? 0.5 * v + x[i] : x[i] / (1 + std::fabs(v));
      y[i] = v;
      scale[i] = damped ? std::fabs(v) : std::fabs(v) * (1 + std::fabs(v));  // the errors of 1 + |v| steps add up
    }
  });
}
