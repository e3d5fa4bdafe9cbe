// A linear layer whose weights and activations are INT8 with a scale per row (symmetric quantisation):
// y[b, n] = x_scale[b]·w_scale[n]·Σ x[b, k]·w[n, k].
// The sum is the same number in FP32 and in INT32, so the judge's error says what computing it in FP32 costs.
#include <aisp/workload.hpp>

#include <cmath>

using namespace aisp;

AISP_WORKLOAD(w) {
  w.about("Linear layer on INT8 weights and activations");
  const auto batch = w.param("batch", {.light = 4, .full = 8, .held_out = {1, 9}, .edges = {1}});
  const auto n = w.param("n", {.light = 1024, .full = 8192, .held_out = {1, 300}, .edges = {1, 3}});
  const auto k = w.param("k", {.light = 1024, .full = 8192, .held_out = {1, 700}, .edges = {1, 63, 65}});
  w.input("x", i8, {batch, k}, mixed(integers(-127, 127)));
  w.input("x_scale", f32, {batch}, uniform(0.01, 0.1));
  w.constant("w", i8, {n, k}, integers(-127, 127));
  w.constant("w_scale", f32, {n}, uniform(0.001, 0.01));
  w.output("y", f32, {batch, n});
  w.accumulates(k);
  w.flops(2.0 * static_cast<double>(batch * n * k));
  w.reference([=](Case& c) {
    const auto x = c.in<2>("x"), weight = c.in<2>("w");
    const auto x_scale = c.in<1>("x_scale"), w_scale = c.in<1>("w_scale");
    const auto y = c.out<2>("y"), scale = c.scale<2>("y");
    for (std::int64_t j = 0; j < n; ++j)
      for (std::int64_t b = 0; b < batch; ++b) {
        double sum = 0, magnitude = 0;
        for (std::int64_t p = 0; p < k; ++p) {
          const double term = x(b, p) * weight(j, p);
          sum += term;
          magnitude += std::fabs(term);
        }
        y(b, j) = x_scale[b] * w_scale[j] * sum;
        scale(b, j) = x_scale[b] * w_scale[j] * magnitude;
      }
  });
}
