// Data that passes through the host on its way to a kernel: y = f(x), f an iteration of 64 steps. Judged tensors lie in
// device memory, so x is first copied out to pinned memory of the host, as if it came from there, back to a buffer on
// the device, and then computed. (A variant that leaves out the host computes the same y, but answers another question;
// the floor shown is that of the bytes in device memory, which the link cannot reach.)
#include <aisp/workload.hpp>

#include "../iterate_reference.hpp"

using namespace aisp;

AISP_WORKLOAD(w) {
  w.about("A vector through host memory and a kernel");
  const auto n = w.param("n", {.light = 1 << 18, .full = 1 << 25, .held_out = {1, 200000}, .edges = {1, 17, 65537}});
  w.input("x", f32, {n}, mixed(normal(0, 1)));
  w.output("y", f32, {n});
  w.accumulates(64);
  w.flops(64 * 3.0 * static_cast<double>(n));
  w.reference([=](Case& c) {
    const auto x = c.in<1>("x");
    const auto y = c.out<1>("y"), scale = c.scale<1>("y");
    for (std::int64_t i = 0; i < n; ++i) {
      y[i] = ch11::iterated(x[i]);
      scale[i] = ch11::iterated_scale(y[i]);
    }
  });
}
