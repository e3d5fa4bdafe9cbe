// The reference of workload.cpp on the device.
#include <aisp/device_reference.hpp>

AISP_DEVICE_REFERENCE(c) {
  const auto x = c.in<float, 1>("x");
  const auto y = c.out<1>("y");
  c.for_each(y.size(), [=] __device__(std::int64_t i) {
    double v = x[i];
    for (int s = 0; s < 256; ++s) v += (v - v * v) / 128;
    y[i] = v;
  });
}
