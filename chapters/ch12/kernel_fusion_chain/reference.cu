// The reference of workload.cpp on the device.
#include <aisp/device_reference.hpp>

AISP_DEVICE_REFERENCE(c) {
  const auto x = c.in<float, 1>("x"), scale = c.in<float, 1>("scale"), shift = c.in<float, 1>("shift");
  const auto y = c.out<1>("y"), magnitude = c.scale<1>("y");
  const std::int64_t stages = scale.size();
  c.for_each(y.size(), [=] __device__(std::int64_t i) {
    double v = x[i], m = 0;
    for (std::int64_t s = 0; s < stages; ++s) {
      const double a = scale[s], b = shift[s];
      m = a * m + fabs(a * v) + fabs(b);
      v = a * v + b;
      const double slope = 1 / (1 + fabs(v));
      v *= slope;
      m = m * slope * slope + fabs(v);
    }
    y[i] = v;
    magnitude[i] = m;
  });
}
