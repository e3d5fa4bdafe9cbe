// Many short vectors, each scaled by a factor of its own: y[v, :] = factor[v]·x[v, :].
#include <aisp/workload.hpp>

using namespace aisp;

AISP_WORKLOAD(w) {
  w.about("Many short vectors, each scaled by its own factor");
  const auto vectors = w.param("vectors", {.light = 128, .full = 512, .held_out = {1, 60}, .edges = {1}});
  const auto length = w.param("length", {.light = 4096, .full = 4096, .held_out = {1, 5000}, .edges = {1, 257}});
  w.input("x", f32, {vectors, length}, mixed(normal(0, 1)));
  w.input("factor", f32, {vectors}, normal(0, 1));
  w.output("y", f32, {vectors, length});
  w.flops(static_cast<double>(vectors * length));
  w.reference([=](Case& c) {
    const auto x = c.in<2>("x");
    const auto factor = c.in<1>("factor");
    const auto y = c.out<2>("y");
    for (std::int64_t v = 0; v < vectors; ++v)
      for (std::int64_t i = 0; i < length; ++i) y(v, i) = factor[v] * x(v, i);
  });
}
