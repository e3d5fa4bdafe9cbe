// Matrix product of FP32 matrices whose factors may be rounded to FP16, the sums staying in FP32: what less precision
// buys, and what it costs. The inputs have no outliers: 65504 is FP16's largest number, and what exceeds it is lost.
#include <aisp/workload.hpp>

#include <algorithm>
#include <cmath>

using namespace aisp;

AISP_WORKLOAD(w) {
  w.about("Matrix product, factors in FP16 allowed");
  const auto m = w.param("m", {.light = 256, .full = 4096, .held_out = {1, 200}, .edges = {1, 65}});
  const auto n = w.param("n", {.light = 256, .full = 4096, .held_out = {1, 200}, .edges = {1, 63}});
  const auto k = w.param("k", {.light = 256, .full = 4096, .held_out = {1, 400}, .edges = {1, 33}});
  w.input("a", f32, {m, k}, normal(0, 1));
  w.constant("b", f32, {k, n}, normal(0, 1));
  w.output("c", f32, {m, n});
  w.accumulates(k);
  // Rounding both factors changes a term by at most 2⁻¹⁰, 2¹⁴ units of FP32, and by 0.6·2⁻¹¹ on average. Over a sum of
  // k terms of random sign that grows as √k while Σ|terms|, the scale, grows as 0.64·k: about 7700 / √k in norm.
  const double spread = 1 + 6 / std::sqrt(static_cast<double>(m * n));  // few elements: no average to speak of
  const double norm = std::min(16384.0, spread * 21000 / std::sqrt(static_cast<double>(k)));
  w.tolerance({.element = std::min(16500.0, 8 * norm + 64),
               .norm = norm,
               .why = "the factors may be rounded to FP16 (2^-11 each), the sums are in FP32"});
  w.flops(2.0 * static_cast<double>(m * n) * static_cast<double>(k));
  w.product({.c = "c", .a = "a", .b = "b"});
}
