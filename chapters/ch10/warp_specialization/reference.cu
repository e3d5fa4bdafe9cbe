// The reference of workload.cpp on the device.
#include <aisp/device_reference.hpp>

AISP_DEVICE_REFERENCE(c) {
  constexpr int taps = 32;
  const auto x = c.in<float, 1>("x"), weight = c.in<float, 1>("weight");
  const auto y = c.out<1>("y"), scale = c.scale<1>("y");
  c.for_each(y.size(), [=] __device__(std::int64_t i) {
    double sum = 0, magnitude = 0;
    for (int t = 0; t < taps; ++t) {
      const double term = static_cast<double>(weight[t]) * x[i + t];
      sum += term;
      magnitude += fabs(term);
    }
    y[i] = sum;
    scale[i] = magnitude;
  });
}
