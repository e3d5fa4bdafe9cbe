// What the product pipelines declare.
#pragma once

#include <aisp/workload.hpp>

namespace ch10 {

inline void declare_product(aisp::Workload& w) {
  using namespace aisp;
  const auto m = w.param("m", {.light = 256, .full = 2048, .held_out = {1, 300}, .edges = {1, 127, 129}});
  const auto n = w.param("n", {.light = 256, .full = 2048, .held_out = {4, 300, 4}, .edges = {4, 124, 132}});
  const auto k = w.param("k", {.light = 512, .full = 2048, .held_out = {4, 500, 4}, .edges = {4, 16, 20, 48}});
  w.input("a", f32, {m, k}, mixed(normal(0, 1)));
  w.input("b", f32, {k, n}, mixed(normal(0, 1)));
  w.output("c", f32, {m, n});
  w.accumulates(k);
  w.flops(2.0 * static_cast<double>(m * n * k));
  w.product({.c = "c", .a = "a", .b = "b"});
}

}  // namespace ch10
