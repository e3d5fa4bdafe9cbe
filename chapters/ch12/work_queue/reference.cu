// The reference of workload.cpp on the device.
#include <aisp/device_reference.hpp>

AISP_DEVICE_REFERENCE(c) {
  constexpr double decay = 63.0 / 64;
  const auto values = c.in<float, 1>("values");
  const auto offsets = c.in<std::int32_t, 1>("offsets");
  const auto y = c.out<1>("y"), scale = c.scale<1>("y");
  c.for_each(y.size(), [=] __device__(std::int64_t t) {
    double state = 0, magnitude = 0;
    for (std::int64_t i = offsets[t]; i < offsets[t + 1]; ++i) {
      state = decay * state + values[i];
      magnitude = decay * magnitude + fabs(static_cast<double>(values[i]));
    }
    y[t] = state;
    scale[t] = magnitude;
  });
}
