// Matrix product of FP32 matrices whose factors may be rounded to TF32: FP32's range with 10 bits of fraction, the
// format in which tensor cores take FP32 data. The sums stay in FP32.
#include <aisp/workload.hpp>

#include <algorithm>
#include <cmath>

using namespace aisp;

AISP_WORKLOAD(w) {
  w.about("Matrix product, factors in TF32 allowed");
  const auto m = w.param("m", {.light = 256, .full = 2048, .held_out = {1, 200}, .edges = {1, 65}});
  const auto n = w.param("n", {.light = 256, .full = 2048, .held_out = {1, 200}, .edges = {1, 63}});
  const auto k = w.param("k", {.light = 256, .full = 2048, .held_out = {1, 400}, .edges = {1, 33}});
  w.input("a", f32, {m, k}, normal(0, 1));
  w.input("b", f32, {k, n}, normal(0, 1));
  w.output("c", f32, {m, n});
  w.accumulates(k);
  // Tensor cores may cut bits off instead of rounding: a term changes by at most 2⁻⁹, 2¹⁵ units of FP32, with a mean of
  // 1.4·2⁻¹¹ of the sum and a spread of 0.6·2⁻¹¹ a term. Both grow as √k over a sum of k terms of random sign, while
  // Σ|terms|, the scale, grows as 0.64·k: about 20000 / √k in norm.
  const double spread = 1 + 6 / std::sqrt(static_cast<double>(m * n));  // few elements: no average to speak of
  const double norm = std::min(32768.0, spread * 40000 / std::sqrt(static_cast<double>(k)));
  w.tolerance({.element = std::min(33000.0, 8 * norm + 64),
               .norm = norm,
               .why = "the factors may be rounded or cut to TF32 (2^-11 or 2^-10 each), the sums are in FP32"});
  w.flops(2.0 * static_cast<double>(m * n) * static_cast<double>(k));
  w.product({.c = "c", .a = "a", .b = "b"});
}
