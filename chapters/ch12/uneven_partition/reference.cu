// The reference of workload.cpp on the device: a warp sums each row.
#include <aisp/device_reference.hpp>

AISP_DEVICE_REFERENCE(c) {
  const auto values = c.in<float, 1>("values");
  const auto offsets = c.in<std::int32_t, 1>("offsets");
  const auto y = c.out<1>("y"), scale = c.scale<1>("y");
  c.for_each(32 * y.size(), [=] __device__(std::int64_t at) {
    const std::int64_t r = at / 32;
    double sum = 0, magnitude = 0;
    for (std::int64_t i = offsets[r] + at % 32; i < offsets[r + 1]; i += 32) {
      sum += values[i];
      magnitude += fabs(static_cast<double>(values[i]));
    }
    for (int half = 16; half > 0; half /= 2) {
      sum += __shfl_xor_sync(0xffffffffu, sum, half);
      magnitude += __shfl_xor_sync(0xffffffffu, magnitude, half);
    }
    if (at % 32 == 0) {
      y[r] = sum;
      scale[r] = magnitude;
    }
  });
}
