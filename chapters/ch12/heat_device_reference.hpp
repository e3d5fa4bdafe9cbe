// The diffusion of heat_reference.hpp on the device.
#pragma once

#include <aisp/device_reference.hpp>

#include <utility>

namespace ch12 {

inline void heat_on_device(aisp::DeviceCase& c) {
  const auto x = c.in<float, 1>("x"), rates = c.in<float, 1>("rates");
  const auto y = c.out<1>("y"), scale = c.scale<1>("y");
  const std::int64_t n = x.size();
  double *u = y.data, *magnitude = scale.data, *v = c.scratch(n), *next = c.scratch(n);
  c.for_each(n, [=] __device__(std::int64_t i) {
    u[i] = x[i];
    magnitude[i] = fabs(static_cast<double>(x[i]));
  });
  for (std::int64_t s = 0; s < rates.size(); ++s) {
    c.for_each(n, [=] __device__(std::int64_t i) {
      const std::int64_t left = i > 0 ? i - 1 : 0, right = i + 1 < n ? i + 1 : i;
      const double rate = rates[s];
      v[i] = (1 - 2 * rate) * u[i] + rate * (u[left] + u[right]);
      next[i] = (1 - 2 * rate) * magnitude[i] + rate * (magnitude[left] + magnitude[right]);
    });
    std::swap(u, v);
    std::swap(magnitude, next);
  }
  if (u == y.data) return;
  c.for_each(n, [=] __device__(std::int64_t i) {
    y[i] = u[i];
    scale[i] = magnitude[i];
  });
}

}  // namespace ch12
