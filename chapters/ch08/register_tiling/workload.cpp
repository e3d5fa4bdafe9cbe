// Matrix product C = A·B of a size that fits the second-level cache (of a CPU's core at light scale, of a GPU at full):
// what is left to save is loads from it and from what is closer.
#include <aisp/workload.hpp>

using namespace aisp;

AISP_WORKLOAD(w) {
  w.about("Matrix product that fits the second-level cache");
  const auto m = w.param("m", {.light = 192, .full = 1024, .held_out = {1, 150}, .edges = {1, 8, 9, 65}});
  const auto n = w.param("n", {.light = 192, .full = 1024, .held_out = {1, 150}, .edges = {1, 8, 9, 65}});
  const auto k = w.param("k", {.light = 192, .full = 1024, .held_out = {1, 150}, .edges = {1}});
  w.input("a", f32, {m, k}, mixed(normal(0, 1)));
  w.input("b", f32, {k, n}, mixed(normal(0, 1)));
  w.output("c", f32, {m, n});
  w.accumulates(k);
  w.flops(2.0 * static_cast<double>(m * n * k));
  w.product({"c", "a", "b"});
  w.teaching("the baseline keeps one output in registers, as the lesson counts loads per multiply-add from there");
}
