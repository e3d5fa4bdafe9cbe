// A fixed amount of ordinary work, arithmetic and memory: a polynomial of each element. `aisp calibrate` runs it
// against itself to see what identical code looks like on this machine.
#include <aisp/workload.hpp>

using namespace aisp;

AISP_WORKLOAD(w) {
  w.about("A polynomial of degree 15 of each element");
  const auto n = w.param("n", {.light = 1 << 16, .full = 1 << 20, .held_out = {1, 1 << 16}, .edges = {1}});
  w.input("x", f32, {n}, uniform(0, 1));
  w.output("y", f32, {n});
  w.accumulates(15);
  w.flops(30.0 * static_cast<double>(n));
  w.reference([=](Case& c) {
    const auto x = c.in<1>("x");
    const auto y = c.out<1>("y");
    for (std::int64_t i = 0; i < n; ++i) {
      double value = 1;
      for (int k = 0; k < 15; ++k) value = value * x[i] + 1;
      y[i] = value;
    }
  });
}
