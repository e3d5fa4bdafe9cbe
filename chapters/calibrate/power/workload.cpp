// About a millisecond of ordinary work. `aisp calibrate --power-trials` sets it against the same work and a tenth more,
// to see how surely and how soon this machine tells them apart.
#include <aisp/workload.hpp>

using namespace aisp;

AISP_WORKLOAD(w) {
  w.about("A polynomial of degree 255 of each element");
  const auto n = w.param("n", {.light = 1 << 12, .full = 1 << 12, .held_out = {1, 1 << 12}, .edges = {1}});
  w.input("x", f32, {n}, uniform(0, 0.5));
  w.output("y", f32, {n});
  w.accumulates(255);
  w.flops(510.0 * static_cast<double>(n));
  w.reference([=](Case& c) {
    const auto x = c.in<1>("x");
    const auto y = c.out<1>("y");
    for (std::int64_t i = 0; i < n; ++i) {
      double value = 1;
      for (int k = 0; k < 255; ++k) value = value * x[i] + 1;
      y[i] = value;
    }
  });
}
