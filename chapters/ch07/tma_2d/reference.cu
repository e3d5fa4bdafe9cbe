// The reference of workload.cpp on the device.
#include <aisp/device_reference.hpp>

AISP_DEVICE_REFERENCE(c) {
  const auto x = c.in<float, 2>("x"), weight = c.in<float, 2>("weight");
  const auto y = c.out<2>("y"), scale = c.scale<2>("y");
  const std::int64_t rows = x.dim(0), cols = x.dim(1);
  c.for_each(y.size(), [=] __device__(std::int64_t at) {
    const std::int64_t i = at / cols, j = at % cols;
    double sum = 0, magnitude = 0;
    for (std::int64_t p = i - 1; p <= i + 1; ++p)
      for (std::int64_t q = j - 1; q <= j + 1; ++q) {
        if (p < 0 || p >= rows || q < 0 || q >= cols) continue;
        const double term = static_cast<double>(weight(p - i + 1, q - j + 1)) * x(p, q);
        sum += term;
        magnitude += fabs(term);
      }
    y(i, j) = sum;
    scale(i, j) = magnitude;
  });
}
