// Vector addition: z = x + y.
#include <aisp/cpu.hpp>
#include <aisp/workload.hpp>

using namespace aisp;

AISP_SIMD static void add(std::int64_t n, const double* __restrict x, const double* __restrict y,
                          double* __restrict z) {
  for (std::int64_t i = 0; i < n; ++i) z[i] = x[i] + y[i];
}

AISP_WORKLOAD(w) {
  w.about("Vector addition");
  w.teaching("the baseline uses a sliver of the machine: one thread on a CPU, one thread block on a GPU");
  const auto n = w.param("n", {.light = 1 << 20, .full = 1 << 26, .held_out = {1, 300000}, .edges = {1, 15, 65537}});
  w.input("x", f32, {n}, mixed(normal(0, 1)));
  w.input("y", f32, {n}, mixed(normal(0, 1)));
  w.output("z", f32, {n});
  w.flops(static_cast<double>(n));
  w.reference([=](Case& c) { add(n, c.in<1>("x").data, c.in<1>("y").data, c.out<1>("z").data); });
}
