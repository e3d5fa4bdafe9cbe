// A batch of small matrix products: C[i] = A[i]·B[i], as attention heads and per-expert layers produce them.
#include <aisp/workload.hpp>

using namespace aisp;

AISP_WORKLOAD(w) {
  w.about("Batch of small independent matrix products");
  const auto batch = w.param("batch", {.light = 4, .full = 32, .held_out = {1, 5}, .edges = {1}});
  const auto m = w.param("m", {.light = 256, .full = 256, .held_out = {1, 150}, .edges = {1, 9, 255}});
  const auto n = w.param("n", {.light = 256, .full = 256, .held_out = {1, 150}, .edges = {1, 33, 255}});
  const auto k = w.param("k", {.light = 256, .full = 256, .held_out = {1, 300}, .edges = {1, 3, 255}});
  w.input("a", f32, {batch, m, k}, mixed(normal(0, 1)));
  w.input("b", f32, {batch, k, n}, mixed(normal(0, 1)));
  w.output("c", f32, {batch, m, n});
  w.accumulates(k);
  w.flops(2.0 * static_cast<double>(batch * m * n * k));
  w.product({.c = "c", .a = "a", .b = "b"});
}
