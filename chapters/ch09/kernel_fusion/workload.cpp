// The elementwise tail of a layer: y = relu(x · gain + bias) + residual, gain and bias per column.
#include <aisp/workload.hpp>

#include <algorithm>
#include <cmath>

using namespace aisp;

AISP_WORKLOAD(w) {
  w.about("Elementwise chain: scale, bias, ReLU, residual");
  const auto rows = w.param("rows", {.light = 512, .full = 65536, .held_out = {1, 200}, .edges = {1}});
  const auto cols = w.param("cols", {.light = 1024, .full = 1024, .held_out = {1, 2000}, .edges = {1, 17}});
  w.input("x", f32, {rows, cols}, mixed(normal(0, 1)));
  w.input("residual", f32, {rows, cols}, mixed(normal(0, 1)));
  w.constant("gain", f32, {cols}, normal(1, 0.2));
  w.constant("bias", f32, {cols}, normal(0, 0.5));
  w.output("y", f32, {rows, cols});
  w.accumulates(3);
  w.flops(4.0 * static_cast<double>(rows * cols));
  w.reference([=](Case& c) {
    const auto x = c.in<2>("x"), residual = c.in<2>("residual");
    const auto gain = c.in<1>("gain"), bias = c.in<1>("bias");
    const auto y = c.out<2>("y");
    const auto scale = c.scale<2>("y");
    for (std::int64_t i = 0; i < rows; ++i)
      for (std::int64_t j = 0; j < cols; ++j) {
        const double product = x(i, j) * gain(j), linear = product + bias(j);
        y(i, j) = (linear > 0 ? linear : 0) + residual(i, j);
        scale(i, j) = std::abs(product) + std::abs(bias(j)) + std::abs(residual(i, j));
      }
  });
}
