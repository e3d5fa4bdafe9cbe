// Residual addition and LayerNorm, as between two layers of a transformer (Ba, Kiros and Hinton, 2016):
//   h = x + residual,   y = (h − mean(h)) / sqrt(var(h) + 10⁻⁵) · weight + bias
#include <aisp/workload.hpp>

#include <cmath>

using namespace aisp;

AISP_WORKLOAD(w) {
  w.about("LayerNorm with fused residual addition");
  const auto rows = w.param("rows", {.light = 256, .full = 8192, .held_out = {1, 200}, .edges = {1}});
  const auto cols = w.param("cols", {.light = 2048, .full = 4096, .held_out = {1, 3000}, .edges = {1, 15, 65}});
  w.input("x", f32, {rows, cols}, mixed(normal(0, 1)));
  w.input("residual", f32, {rows, cols}, normal(0, 1));
  w.constant("weight", f32, {cols}, normal(1, 0.2));
  w.constant("bias", f32, {cols}, normal(0, 0.5));
  w.output("h", f32, {rows, cols});
  w.output("y", f32, {rows, cols});
  w.accumulates(cols);
  w.flops(8.0 * static_cast<double>(rows * cols));
  w.reference([=](Case& c) {
    const auto x = c.in<2>("x"), residual = c.in<2>("residual");
    const auto weight = c.in<1>("weight"), bias = c.in<1>("bias");
    const auto h = c.out<2>("h"), y = c.out<2>("y"), h_scale = c.scale<2>("h"), y_scale = c.scale<2>("y");
    const auto n = static_cast<double>(cols);
    for (std::int64_t i = 0; i < rows; ++i) {
      double sum = 0, magnitude = 0, squares = 0;
      for (std::int64_t j = 0; j < cols; ++j) {
        h(i, j) = x(i, j) + residual(i, j);
        h_scale(i, j) = std::abs(x(i, j)) + std::abs(residual(i, j));
        sum += h(i, j);
        magnitude += h_scale(i, j);
      }
      const double mean = sum / n;
      for (std::int64_t j = 0; j < cols; ++j) squares += (h(i, j) - mean) * (h(i, j) - mean);
      const double inverse = 1 / std::sqrt(squares / n + 1e-5);
      for (std::int64_t j = 0; j < cols; ++j) {
        const double factor = inverse * weight(j);
        y(i, j) = (h(i, j) - mean) * factor + bias(j);
        y_scale(i, j) = (h_scale(i, j) + magnitude / n) * std::abs(factor) + std::abs(bias(j));
      }
    }
  });
}
