// Matrix product of BF16 matrices with few columns, C = A·Bᵀ: a tile's sums are short, and its way out weighs much.
#include <aisp/workload.hpp>

using namespace aisp;

AISP_WORKLOAD(w) {
  w.about("Matrix product in BF16 with short sums, C = A·Bᵀ");
  // Rows start at multiples of 16 bytes: what the copy engine asks for.
  const auto m = w.param("m", {.light = 512, .full = 8192, .held_out = {1, 600}, .edges = {1, 129}});
  const auto n = w.param("n", {.light = 512, .full = 8192, .held_out = {8, 600, 8}, .edges = {8, 264}});
  const auto k = w.param("k", {.light = 256, .full = 1024, .held_out = {8, 800, 8}, .edges = {8, 328}});
  w.input("a", bf16, {m, k}, normal(0, 1));
  w.input("b", bf16, {n, k}, normal(0, 1));
  w.output("c", bf16, {m, n});
  w.arithmetic(f32);  // of the sums; products of two BF16 are exact in it
  w.accumulates(k);
  w.flops(2.0 * static_cast<double>(m * n) * static_cast<double>(k));
  w.product({.c = "c", .a = "a", .b = "b", .b_transposed = true});
}
