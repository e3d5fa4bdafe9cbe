// The reference of workload.cpp on the device: a warp for each row.
#include <aisp/device_reference.hpp>

AISP_DEVICE_REFERENCE(c) {
  const auto x = c.in<float, 2>("x"), residual = c.in<float, 2>("residual");
  const auto weight = c.in<float, 1>("weight"), bias = c.in<float, 1>("bias");
  const auto h = c.out<2>("h"), y = c.out<2>("y"), h_scale = c.scale<2>("h"), y_scale = c.scale<2>("y");
  const std::int64_t rows = x.dim(0), cols = x.dim(1);
  c.for_each(32 * rows, [=] __device__(std::int64_t at) {
    const std::int64_t i = at / 32, lane = at % 32;
    const auto n = static_cast<double>(cols);
    double sum = 0, magnitude = 0, squares = 0;
    for (std::int64_t j = lane; j < cols; j += 32) {
      const double a = x(i, j), b = residual(i, j);
      h(i, j) = a + b;
      h_scale(i, j) = fabs(a) + fabs(b);
      sum += a + b;
      magnitude += h_scale(i, j);
    }
    for (int half = 16; half > 0; half /= 2) {
      sum += __shfl_xor_sync(0xffffffffu, sum, half);
      magnitude += __shfl_xor_sync(0xffffffffu, magnitude, half);
    }
    const double mean = sum / n;
    for (std::int64_t j = lane; j < cols; j += 32) squares += (h(i, j) - mean) * (h(i, j) - mean);
    for (int half = 16; half > 0; half /= 2) squares += __shfl_xor_sync(0xffffffffu, squares, half);
    const double inverse = 1 / sqrt(squares / n + 1e-5);
    for (std::int64_t j = lane; j < cols; j += 32) {
      const double factor = inverse * weight(j);
      y(i, j) = (h(i, j) - mean) * factor + bias(j);
      y_scale(i, j) = (h_scale(i, j) + magnitude / n) * fabs(factor) + fabs(static_cast<double>(bias(j)));
    }
  });
}
