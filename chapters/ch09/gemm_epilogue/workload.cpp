// A linear layer with its activation, as the first of a transformer's feed-forward pair: y = gelu(x·wᵀ + bias), with
// the tanh form of GELU (Hendrycks and Gimpel, 2016, arXiv:1606.08415, §2).
#include <aisp/workload.hpp>

#include <cmath>

#include "gelu.hpp"

using namespace aisp;

AISP_WORKLOAD(w) {
  w.about("Linear layer in BF16 with bias and GELU");
  // Rows start at multiples of 16 bytes: what the copy engine asks for.
  const auto tokens = w.param("tokens", {.light = 512, .full = 8192, .held_out = {1, 600}, .edges = {1, 129}});
  const auto in = w.param("in", {.light = 256, .full = 2048, .held_out = {8, 800, 8}, .edges = {8, 328}});
  const auto out = w.param("out", {.light = 1024, .full = 8192, .held_out = {8, 600, 8}, .edges = {8, 264}});
  w.input("x", bf16, {tokens, in}, normal(0, 1));
  w.constant("w", bf16, {out, in}, normal(0, 1 / std::sqrt(static_cast<double>(in))));
  w.constant("bias", bf16, {out}, normal(0, 1));
  w.output("y", bf16, {tokens, out});
  w.flops(2.0 * static_cast<double>(tokens * in) * static_cast<double>(out));
  // What goes into the activation may be rounded to BF16 on its way, once.
  w.arithmetic(bf16);
  w.accumulates(1);
  w.reference([=](Case& c) {
    const auto x = c.in<2>("x"), weights = c.in<2>("w");
    const auto bias = c.in<1>("bias");
    const auto y = c.out<2>("y"), scale = c.scale<2>("y");
    for (std::int64_t i = 0; i < tokens; ++i)
      for (std::int64_t j = 0; j < out; ++j) {
        double sum = 0, magnitude = 0;
        for (std::int64_t k = 0; k < in; ++k) {
          const double term = x(i, k) * weights(j, k);
          sum += term;
          magnitude += std::abs(term);
        }
        y(i, j) = ch09::gelu(sum + bias[j]);
        scale(i, j) = ch09::linear_scale(sum, magnitude);
      }
  });
}
