// The reference of workload.cpp on the device.
#include <aisp/device_reference.hpp>

AISP_DEVICE_REFERENCE(c) {
  const auto x = c.in<float, 2>("x");
  const auto y = c.out<2>("y"), scale = c.scale<2>("y");
  const std::int64_t rows = x.dim(0), cols = x.dim(1);
  c.for_each(rows * cols, [=] __device__(std::int64_t at) {
    const std::int64_t i = at / cols, j = at % cols;
    double sum = 0, magnitude = 0;
    for (std::int64_t p = i < 2 ? 0 : i - 2; p < i + 3 && p < rows; ++p)
      for (std::int64_t q = j < 2 ? 0 : j - 2; q < j + 3 && q < cols; ++q) {
        const double v = x(p, q);
        sum += v;
        magnitude += fabs(v);
      }
    y(i, j) = sum / 25;
    scale(i, j) = magnitude / 25;
  });
}
