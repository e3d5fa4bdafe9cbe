// Matrix product C = A·B.
#include <aisp/workload.hpp>

using namespace aisp;

AISP_WORKLOAD(w) {
  w.about("Matrix product");
  w.teaching("the baseline is the textbook's triple loop, so that the traffic it causes can be counted");
  const auto m = w.param("m", {.light = 256, .full = 1024, .held_out = {1, 180}, .edges = {1, 31}});
  const auto n = w.param("n", {.light = 256, .full = 1024, .held_out = {1, 180}, .edges = {1, 33}});
  const auto k = w.param("k", {.light = 256, .full = 1024, .held_out = {1, 300}, .edges = {1, 129}});
  w.input("a", f32, {m, k}, mixed(normal(0, 1)));
  w.input("b", f32, {k, n}, mixed(normal(0, 1)));
  w.output("c", f32, {m, n});
  w.accumulates(k);
  w.flops(2.0 * static_cast<double>(m * n * k));
  w.product({.c = "c", .a = "a", .b = "b"});
}
