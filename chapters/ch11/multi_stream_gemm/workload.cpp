// Independent small matrix products, C[b] = A[b]·B[b], each a kernel of its own that fills a corner of the machine.
#include <aisp/workload.hpp>

using namespace aisp;

AISP_WORKLOAD(w) {
  w.about("Independent small matrix products, a kernel each");
  const auto batch = w.param("batch", {.light = 8, .full = 32, .held_out = {1, 12}, .edges = {1, 9}});
  const auto m = w.param("m", {.light = 96, .full = 128, .held_out = {1, 100}, .edges = {1, 33}});
  const auto n = w.param("n", {.light = 96, .full = 128, .held_out = {1, 100}, .edges = {1, 31}});
  const auto k = w.param("k", {.light = 256, .full = 1024, .held_out = {1, 300}, .edges = {1, 129}});
  w.input("a", f32, {batch, m, k}, mixed(normal(0, 1)));
  w.input("b", f32, {batch, k, n}, mixed(normal(0, 1)));
  w.output("c", f32, {batch, m, n});
  w.accumulates(k);
  w.flops(2.0 * static_cast<double>(batch * m * n * k));
  w.product({.c = "c", .a = "a", .b = "b"});
}
