// Matrix product C = A·B in f32, checked by random projections (Freivalds) in place of a second product.
#include <aisp/workload.hpp>

using namespace aisp;

AISP_WORKLOAD(w) {
  w.about("Matrix product C = A·B in f32");
  const auto m = w.param("m", {.light = 512, .full = 1024, .held_out = {1, 600}, .edges = {1, 13, 15}});
  const auto n = w.param("n", {.light = 512, .full = 1024, .held_out = {1, 600}, .edges = {1, 31, 33}});
  const auto k = w.param("k", {.light = 512, .full = 1024, .held_out = {1, 600}, .edges = {1, 257}});
  w.input("a", f32, {m, k}, mixed(normal(0, 1)));
  w.input("b", f32, {k, n}, mixed(normal(0, 1)));
  w.output("c", f32, {m, n});
  w.accumulates(k);
  w.flops(2.0 * static_cast<double>(m * n * k));
  w.product({"c", "a", "b"});
}
