// Matrix product of 8-bit floating-point matrices (E4M3), C = A·Bᵀ, rounded to BF16: twice the rate of BF16 and half
// its traffic. The sums are to be those of FP32, which the tensor cores alone do not give: on Hopper they align the
// products of a group to the largest and keep about 14 bits of the running sum. The norm of the error shows who relies
// on that.
#include <aisp/workload.hpp>

using namespace aisp;

AISP_WORKLOAD(w) {
  w.about("Matrix product in FP8 (E4M3) with FP32 sums, C = A·Bᵀ");
  // Rows start at multiples of 16 bytes: what the copy engine and cuBLASLt ask for.
  const auto m = w.param("m", {.light = 512, .full = 8192, .held_out = {1, 600}, .edges = {1, 129}});
  const auto n = w.param("n", {.light = 512, .full = 8192, .held_out = {16, 608, 16}, .edges = {16, 272}});
  const auto k = w.param("k", {.light = 512, .full = 8192, .held_out = {16, 800, 16}, .edges = {16, 336}});
  w.input("a", f8e4m3, {m, k}, normal(0, 1));
  w.input("b", f8e4m3, {n, k}, normal(0, 1));
  w.output("c", bf16, {m, n});
  w.arithmetic(f32);  // of the sums; products of two E4M3 are exact in it
  w.accumulates(k);
  w.flops(2.0 * static_cast<double>(m * n) * static_cast<double>(k));
  w.product({.c = "c", .a = "a", .b = "b", .b_transposed = true});
}
