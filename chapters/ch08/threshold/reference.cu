// The reference of workload.cpp on the device.
#include <aisp/device_reference.hpp>

AISP_DEVICE_REFERENCE(c) {
  const auto x = c.in<float, 1>("x");
  const auto y = c.out<1>("y"), scale = c.scale<1>("y");
  constexpr double t = 0.5;
  c.for_each(y.size(), [=] __device__(std::int64_t i) {
    const double v = x[i], over = v > t, under = v < -t;
    const double gain = 0.5 + 2.5 * over - 0.25 * under, shift = t * (over - under);
    y[i] = gain * (v - shift);
    scale[i] = 3 * (fabs(v) + t);
  });
}
