// Matrix product of 8-bit floating-point matrices (E4M3), C = A·Bᵀ, rounded to BF16: twice the rate of BF16 and half
// its traffic. The sums are to be those of FP32, which the tensor cores alone do not give: on Hopper they align the
// products of a group to the largest and keep about 14 bits of the running sum. The norm of the error shows who relies
// on that.
#include <aisp/workload.hpp>

#include <algorithm>
#include <cmath>

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
  // A sum that is promoted every 128 products, in units of FP32's: each run of 128 is off by about a unit of 14 bits of
  // its largest term, and the runs' errors are independent. Without promotion the units grow with the sum: beyond that
  // from a depth of a few thousand.
  const double unit = 0x1p-13 / 0x1p-24 / std::sqrt(std::max(1.0, static_cast<double>(k) / 128));
  w.tolerance({.element = 8 * unit, .norm = 2 * unit, .why = "the tensor cores keep 14 bits of sums of 128 products"});
  w.flops(2.0 * static_cast<double>(m * n) * static_cast<double>(k));
  w.product({.c = "c", .a = "a", .b = "b", .b_transposed = true});
}
