// A scaled vector whose data comes by way of managed memory: y = 2·x, where the variant keeps a managed buffer that
// starts each call on the host, receives x there, and is then read by the kernel on the device. The way is part of the
// problem: judged inputs lie in device memory, so each call first writes x out to the host's pages, in both variants.
#include <aisp/workload.hpp>

using namespace aisp;

AISP_WORKLOAD(w) {
  w.about("Scaled vector, by way of managed memory that lies on the host");
  const auto n = w.param("n", {.light = 1 << 20, .full = 1 << 24, .held_out = {1, 300000}, .edges = {1, 1023}});
  w.input("x", f32, {n}, mixed(normal(0, 1)));
  w.output("y", f32, {n});
  w.flops(static_cast<double>(n));
  w.reference([=](Case& c) {
    const auto x = c.in<1>("x");
    const auto y = c.out<1>("y");
    for (std::int64_t i = 0; i < n; ++i) y[i] = 2 * x[i];
  });
}
