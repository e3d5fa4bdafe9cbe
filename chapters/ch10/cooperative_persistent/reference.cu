// The reference of workload.cpp on the device: 4096 partial sums, added by one thread.
#include <aisp/device_reference.hpp>

AISP_DEVICE_REFERENCE(c) {
  constexpr std::int64_t parts = 4096;
  const auto x = c.in<float, 1>("x");
  const auto y = c.out<1>("y"), scale = c.scale<1>("y");
  const std::int64_t n = x.size();
  double *part = c.scratch(2 * parts), *total = c.scratch(3);  // total: mean, mean magnitude, 1 / deviation
  c.for_each(parts, [=] __device__(std::int64_t p) {
    double sum = 0, magnitude = 0;
    for (std::int64_t i = p; i < n; i += parts) {
      sum += x[i];
      magnitude += fabs(static_cast<double>(x[i]));
    }
    part[p] = sum;
    part[parts + p] = magnitude;
  });
  c.for_each(2, [=] __device__(std::int64_t k) {
    double sum = 0;
    for (std::int64_t p = 0; p < parts; ++p) sum += part[k * parts + p];
    total[k] = sum / static_cast<double>(n);
  });
  c.for_each(parts, [=] __device__(std::int64_t p) {
    double squares = 0;
    for (std::int64_t i = p; i < n; i += parts) squares += (x[i] - total[0]) * (x[i] - total[0]);
    part[p] = squares;
  });
  c.for_each(1, [=] __device__(std::int64_t) {
    double squares = 0;
    for (std::int64_t p = 0; p < parts; ++p) squares += part[p];
    total[2] = 1 / sqrt(squares / static_cast<double>(n) + 1e-5);
  });
  c.for_each(n, [=] __device__(std::int64_t i) {
    y[i] = (x[i] - total[0]) * total[2];
    scale[i] = (fabs(static_cast<double>(x[i])) + total[1]) * total[2];
  });
}
