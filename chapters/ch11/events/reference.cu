// The reference of workload.cpp on the device.
#include <aisp/device_reference.hpp>

AISP_DEVICE_REFERENCE(c) {
  const auto a = c.in<float, 1>("a"), b = c.in<float, 1>("b"), rate = c.in<float, 1>("rate");
  const auto a_end = c.out<1>("a_end"), b_end = c.out<1>("b_end");
  const auto a_scale = c.scale<1>("a_end"), b_scale = c.scale<1>("b_end");
  const std::int64_t steps = rate.size();
  c.for_each(a.size(), [=] __device__(std::int64_t i) {
    double u = a[i], v = b[i], p = fabs(u), q = fabs(v);
    for (std::int64_t s = 0; s < steps; ++s) {
      const double r = rate[s], next_u = (1 - r) * u + r * v, next_v = (1 - r) * v - r * u;
      const double damped = 1 / (1 + fabs(next_u)), other = 1 / (1 + fabs(next_v));
      const double next_p = (1 - r) * p + r * q, next_q = (1 - r) * q + r * p;
      u = next_u * damped;
      v = next_v * other;
      p = damped * damped * next_p + fabs(u);
      q = other * other * next_q + fabs(v);
    }
    a_end[i] = u;
    b_end[i] = v;
    a_scale[i] = p;
    b_scale[i] = q;
  });
}
