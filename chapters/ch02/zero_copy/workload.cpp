// A kernel whose input lies on the host: y = 2·x, where x is first copied out to pinned host memory that the variant
// owns (judged tensors lie in device memory) and the kernel then needs it from there. The variants differ in how it
// comes: in a copy ahead of the kernel, or read by the kernel itself over the link.
#include <aisp/workload.hpp>

using namespace aisp;

AISP_WORKLOAD(w) {
  w.about("Scaled vector whose data lies on the host");
  const auto n = w.param("n", {.light = 4096, .full = 65536, .held_out = {1, 300000}, .edges = {1, 1023}});
  w.input("x", f32, {n}, mixed(normal(0, 1)));
  w.output("y", f32, {n});
  w.flops(static_cast<double>(n));
  w.reference([=](Case& c) {
    const auto x = c.in<1>("x");
    const auto y = c.out<1>("y");
    for (std::int64_t i = 0; i < n; ++i) y[i] = 2 * x[i];
  });
}
