// Matrix product of NVFP4 matrices, C = A·Bᵀ: numbers of four bits (E2M1), sixteen of which share a scale (UE4M3); a
// quarter of the traffic of BF16 and four times its rate. Quantised operands are the input: codes, two in a byte, and
// scales, a row of them for a row of numbers. The scale of a whole tensor, which is left out here, is a factor of the
// result.
#include <aisp/workload.hpp>

#include "../block_scaled_products.hpp"

using namespace aisp;

AISP_WORKLOAD(w) {
  w.about("Matrix product in NVFP4 (E2M1 with a UE4M3 scale for 16), C = A·Bᵀ");
  const auto m = w.param("m", {.light = 256, .full = 8192, .held_out = {1, 400}, .edges = {1, 129}});
  const auto n = w.param("n", {.light = 256, .full = 8192, .held_out = {8, 400, 8}, .edges = {8, 264}});
  const auto k = w.param("k", {.light = 512, .full = 8192, .held_out = {64, 768, 64}, .edges = {64, 320}});
  w.input("a", u8, {m, k / 2}, integers(0, 255));                       // every byte is a pair of numbers
  w.input("a_scales", u8, {m, k / kNvfp4Block}, integers(0x30, 0x40));  // ½ to 2
  w.input("b", u8, {n, k / 2}, integers(0, 255));
  w.input("b_scales", u8, {n, k / kNvfp4Block}, integers(0x30, 0x40));
  w.output("c", bf16, {m, n});
  w.arithmetic(f32);  // of the sums; products of two numbers with their scales are exact in it
  w.accumulates(k);
  w.flops(2.0 * static_cast<double>(m * n) * static_cast<double>(k));
  w.reference([=](Case& x) {
    const auto a = x.in<2>("a"), a_scales = x.in<2>("a_scales"), b = x.in<2>("b"), b_scales = x.in<2>("b_scales");
    const auto c = x.out<2>("c"), scale = x.scale<2>("c");
    const auto left = [&](std::int64_t i, std::int64_t at) {
      return ch09::nvfp4_at([&](std::int64_t e) { return a.data[e]; }, [&](std::int64_t e) { return a_scales.data[e]; },
                            i, k, at);
    };
    const auto right = [&](std::int64_t j, std::int64_t at) {
      return ch09::nvfp4_at([&](std::int64_t e) { return b.data[e]; }, [&](std::int64_t e) { return b_scales.data[e]; },
                            j, k, at);
    };
    ch09::multiply(m, n, k, left, right, c, scale);
  });
}
