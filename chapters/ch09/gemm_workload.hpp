// What the workloads of BF16 products share: C = A·Bᵀ, A with a row for each token, B with a row for each output
// feature, as linear layers store their weights. Sums in FP32, rounded to BF16 at the end.
#pragma once

#include <aisp/workload.hpp>

using namespace aisp;

namespace gemm {

// Rows start at multiples of 16 bytes: what the copy engine asks for.
inline void product(Workload& w, ParamSpec depth) {
  const auto m = w.param("m", {.light = 512, .full = 8192, .held_out = {1, 600}, .edges = {1, 129}});
  const auto n = w.param("n", {.light = 512, .full = 8192, .held_out = {8, 600, 8}, .edges = {8, 264}});
  const auto k = w.param("k", std::move(depth));
  w.input("a", bf16, {m, k}, normal(0, 1));
  w.input("b", bf16, {n, k}, normal(0, 1));
  w.output("c", bf16, {m, n});
  w.arithmetic(f32);  // of the sums; products of two BF16 are exact in it
  w.accumulates(k);
  w.flops(2.0 * static_cast<double>(m * n) * static_cast<double>(k));
  w.product({.c = "c", .a = "a", .b = "b", .b_transposed = true});
}

}  // namespace gemm
