// A chain of elementwise stages: v ← scale[s]·v + shift[s], then v ← v / (1 + |v|), for every s; v starts as x and
// ends as y. Without the quotient the constant scales and shifts of all stages would compose into one.
#include <aisp/workload.hpp>

#include <cmath>

using namespace aisp;

AISP_WORKLOAD(w) {
  w.about("A chain of elementwise stages");
  const auto n = w.param("n", {.light = 1 << 18, .full = 1 << 24, .held_out = {1, 200000}, .edges = {1, 1023, 65537}});
  const auto stages = w.param("stages", {.light = 8, .full = 8, .held_out = {1, 12}, .edges = {1, 2}});
  w.input("x", f32, {n}, mixed(normal(0, 1)));
  w.constant("scale", f32, {stages}, uniform(0.5, 1.5));
  w.constant("shift", f32, {stages}, uniform(-0.5, 0.5));
  w.output("y", f32, {n});
  w.accumulates(4 * stages);
  w.flops(5.0 * static_cast<double>(n * stages));
  w.reference([=](Case& c) {
    const auto x = c.in<1>("x"), scale = c.in<1>("scale"), shift = c.in<1>("shift");
    const auto y = c.out<1>("y"), magnitude = c.scale<1>("y");
    for (std::int64_t i = 0; i < n; ++i) {
      double v = x[i], m = 0;  // m: the sum of the stages' roundings, each damped by the stages behind it
      for (std::int64_t s = 0; s < stages; ++s) {
        m = scale[s] * m + std::fabs(scale[s] * v) + std::fabs(shift[s]);
        v = scale[s] * v + shift[s];
        const double slope = 1 / (1 + std::fabs(v));
        v *= slope;
        m = m * slope * slope + std::fabs(v);
      }
      y[i] = v;
      magnitude[i] = m;
    }
  });
}
