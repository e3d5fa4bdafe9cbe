// The reference of workload.cpp on the device: 1024 partial sums for each row, added by a warp.
#include <aisp/device_reference.hpp>

AISP_DEVICE_REFERENCE(c) {
  constexpr std::int64_t parts = 1024;
  const auto x = c.in<float, 2>("x");
  const auto y = c.out<1>("y"), scale = c.scale<1>("y");
  const std::int64_t rows = x.dim(0), cols = x.dim(1);
  double *sum = c.scratch(rows * parts), *magnitude = c.scratch(rows * parts);
  c.for_each(rows * parts, [=] __device__(std::int64_t at) {
    double s = 0, m = 0;
    for (std::int64_t j = at % parts; j < cols; j += parts) {
      const double v = x(at / parts, j);
      s += v;
      m += fabs(v);
    }
    sum[at] = s;
    magnitude[at] = m;
  });
  c.for_each(32 * rows, [=] __device__(std::int64_t at) {
    const std::int64_t i = at / 32, lane = at % 32;
    double s = 0, m = 0;
    for (std::int64_t p = lane; p < parts; p += 32) {
      s += sum[i * parts + p];
      m += magnitude[i * parts + p];
    }
    for (int half = 16; half > 0; half /= 2) {
      s += __shfl_xor_sync(0xffffffffu, s, half);
      m += __shfl_xor_sync(0xffffffffu, m, half);
    }
    if (lane == 0) {
      y[i] = s;
      scale[i] = m;
    }
  });
}
