// Matrix product of MXFP8 matrices, C = A·Bᵀ: numbers of eight bits (E4M3), 32 of which share a power of two (UE8M0),
// so that a row may hold numbers of very different size. Quantised operands are the input: numbers and scales, a row of
// them for a row of numbers.
#include <aisp/workload.hpp>

#include "../block_scaled_products.hpp"

using namespace aisp;

AISP_WORKLOAD(w) {
  w.about("Matrix product in MXFP8 (E4M3 with a power of two for 32), C = A·Bᵀ");
  const auto m = w.param("m", {.light = 256, .full = 8192, .held_out = {1, 400}, .edges = {1, 129}});
  const auto n = w.param("n", {.light = 256, .full = 8192, .held_out = {8, 400, 8}, .edges = {8, 264}});
  const auto k = w.param("k", {.light = 512, .full = 8192, .held_out = {128, 768, 128}, .edges = {128, 384}});
  w.input("a", f8e4m3, {m, k}, normal(0, 1));
  w.input("a_scales", u8, {m, k / kMxBlock}, integers(124, 130));  // 2⁻³ to 2³
  w.input("b", f8e4m3, {n, k}, normal(0, 1));
  w.input("b_scales", u8, {n, k / kMxBlock}, integers(124, 130));
  w.output("c", bf16, {m, n});
  w.arithmetic(f32);  // of the sums; products of two numbers with their scales are exact in it
  w.accumulates(k);
  w.flops(2.0 * static_cast<double>(m * n) * static_cast<double>(k));
  w.reference([=](Case& x) {
    const auto a = x.in<2>("a"), a_scales = x.in<2>("a_scales"), b = x.in<2>("b"), b_scales = x.in<2>("b_scales");
    const auto c = x.out<2>("c"), scale = x.scale<2>("c");
    const auto left = [&](std::int64_t i, std::int64_t at) {
      return ch09::mxfp8_at([&](std::int64_t e) { return a.data[e]; }, [&](std::int64_t e) { return a_scales.data[e]; },
                            i, k, at);
    };
    const auto right = [&](std::int64_t j, std::int64_t at) {
      return ch09::mxfp8_at([&](std::int64_t e) { return b.data[e]; }, [&](std::int64_t e) { return b_scales.data[e]; },
                            j, k, at);
    };
    ch09::multiply(m, n, k, left, right, c, scale);
  });
}
