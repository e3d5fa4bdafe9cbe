// The reference of workload.cpp on the device: 1024 partial sums for each row, added by its first thread.
#include <aisp/device_reference.hpp>

AISP_DEVICE_REFERENCE(c) {
  constexpr std::int64_t parts = 1024;
  const auto x = c.in<float, 2>("x");
  const auto y = c.out<2>("y");
  const std::int64_t rows = x.dim(0), cols = x.dim(1);
  double *part = c.scratch(rows * parts), *total = c.scratch(rows);
  c.for_each(rows * parts, [=] __device__(std::int64_t at) {
    double sum = 0;
    for (std::int64_t j = at % parts; j < cols; j += parts) sum += fabs(static_cast<double>(x(at / parts, j)));
    part[at] = sum;
  });
  c.for_each(rows, [=] __device__(std::int64_t r) {
    double sum = 1e-6;
    for (std::int64_t p = 0; p < parts; ++p) sum += part[r * parts + p];
    total[r] = sum;
  });
  c.for_each(rows * cols, [=] __device__(std::int64_t at) { y[at] = x[at] / total[at / cols]; });
}
