// The reference of workload.cpp on the device.
#include <aisp/device_reference.hpp>

AISP_DEVICE_REFERENCE(c) {
  const auto kind = c.in<std::uint8_t, 1>("kind");
  const auto x = c.in<float, 1>("x");
  const auto y = c.out<1>("y"), scale = c.scale<1>("y");
  c.for_each(y.size(), [=] __device__(std::int64_t i) {
    const bool damped = kind[i] == 0;
    double v = 0;
    for (int step = 0; step < 32; ++step) v = damped ? 0.5 * v + x[i] : x[i] / (1 + fabs(v));
    y[i] = v;
    scale[i] = damped ? fabs(v) : fabs(v) * (1 + fabs(v));
  });
}
