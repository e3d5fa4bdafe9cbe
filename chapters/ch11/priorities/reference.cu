// The reference of workload.cpp on the device.
#include <aisp/device_reference.hpp>

#include "../iterate_reference.hpp"

AISP_DEVICE_REFERENCE(c) {
  const auto x = c.in<float, 1>("x"), u = c.in<float, 1>("u"), start = c.in<float, 1>("start");
  const auto rate = c.in<float, 1>("rate");
  const auto y = c.out<1>("y"), y_scale = c.scale<1>("y"), z = c.out<1>("z"), z_scale = c.scale<1>("z");
  const std::int64_t steps = rate.size();
  c.for_each(y.size(), [=] __device__(std::int64_t i) {
    y[i] = ch11::iterated(x[i]);
    y_scale[i] = ch11::iterated_scale(y[i]);
  });
  c.for_each(z.size(), [=] __device__(std::int64_t i) {
    double value = start[i], magnitude = fabs(value);
    for (std::int64_t s = 0; s < steps; ++s) {
      const double r = rate[s];
      value = (1 - r) * value + r * u[i];
      const double damped = 1 / (1 + fabs(value));
      value *= damped;
      magnitude = damped * damped * ((1 - r) * magnitude + r * fabs(static_cast<double>(u[i]))) + fabs(value);
    }
    z[i] = value;
    z_scale[i] = magnitude;
  });
}
