// The reference of workload.cpp on the device: sums of INT8 products are exact in 64 bits. A warp for each output.
#include <aisp/device_reference.hpp>

AISP_DEVICE_REFERENCE(c) {
  const auto x = c.in<std::int8_t, 2>("x"), w = c.in<std::int8_t, 2>("w");
  const auto x_scale = c.in<float, 1>("x_scale"), w_scale = c.in<float, 1>("w_scale");
  const auto y = c.out<2>("y"), scale = c.scale<2>("y");
  const std::int64_t n = w.dim(0), k = w.dim(1);
  c.for_each(32 * y.size(), [=] __device__(std::int64_t at) {
    const std::int64_t b = at / 32 / n, j = at / 32 % n, lane = at % 32;
    long long sum = 0, magnitude = 0;
    for (std::int64_t p = lane; p < k; p += 32) {
      const int term = x(b, p) * w(j, p);
      sum += term;
      magnitude += abs(term);
    }
    for (int half = 16; half > 0; half /= 2) {
      sum += __shfl_xor_sync(0xffffffffu, sum, half);
      magnitude += __shfl_xor_sync(0xffffffffu, magnitude, half);
    }
    const double factor = static_cast<double>(x_scale[b]) * w_scale[j];
    if (lane == 0) {
      y(b, j) = factor * static_cast<double>(sum);
      scale(b, j) = factor * static_cast<double>(magnitude);
    }
  });
}
