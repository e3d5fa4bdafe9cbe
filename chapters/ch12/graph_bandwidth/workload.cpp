// The pieces of a buffer in reverse order: y[p, :] = x[pieces − 1 − p, :]. As when buffers scattered over a pool are
// gathered: many copies that do not depend on each other, each too small to fill the machine.
#include <aisp/workload.hpp>

#include <algorithm>

using namespace aisp;

AISP_WORKLOAD(w) {
  w.about("Many independent copies on the device");
  const auto pieces = w.param("pieces", {.light = 32, .full = 128, .held_out = {2, 40}, .edges = {1, 3}});
  const auto length = w.param("length", {.light = 8192, .full = 1 << 17, .held_out = {1, 5000}, .edges = {1, 1023}});
  w.input("x", f32, {pieces, length}, mixed(normal(0, 1)));
  w.output("y", f32, {pieces, length});
  w.flops(0);
  w.reference([=](Case& c) {
    const auto x = c.in<2>("x");
    const auto y = c.out<2>("y");
    for (std::int64_t p = 0; p < pieces; ++p) std::copy_n(&x(pieces - 1 - p, 0), length, &y(p, 0));
  });
}
