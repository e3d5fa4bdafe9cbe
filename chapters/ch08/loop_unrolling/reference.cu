// The reference of workload.cpp on the device: a warp for each row.
#include <aisp/device_reference.hpp>

AISP_DEVICE_REFERENCE(c) {
  const auto x = c.in<float, 2>("x");
  const auto y = c.out<1>("y"), scale = c.scale<1>("y");
  const std::int64_t rows = x.dim(0), cols = x.dim(1);
  c.for_each(32 * rows, [=] __device__(std::int64_t at) {
    const std::int64_t i = at / 32, lane = at % 32;
    double sum = 0, magnitude = 0;
    for (std::int64_t j = lane; j < cols; j += 32) {
      const double v = x(i, j);
      sum += v;
      magnitude += fabs(v);
    }
    for (int half = 16; half > 0; half /= 2) {
      sum += __shfl_xor_sync(0xffffffffu, sum, half);
      magnitude += __shfl_xor_sync(0xffffffffu, magnitude, half);
    }
    if (lane == 0) {
      y[i] = sum;
      scale[i] = magnitude;
    }
  });
}
