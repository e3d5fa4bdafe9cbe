// The reference of workload.cpp on the device.
#include <aisp/device_reference.hpp>

AISP_DEVICE_REFERENCE(c) {
  const auto table = c.in<float, 2>("table");
  const auto group = c.in<std::int32_t, 1>("group");
  const auto x = c.in<float, 1>("x");
  const auto y = c.out<1>("y"), scale = c.scale<1>("y");
  c.for_each(y.size(), [=] __device__(std::int64_t i) {
    const double product = static_cast<double>(x[i]) * table(group[i], 3), offset = table(group[i], 11);
    y[i] = product + offset;
    scale[i] = fabs(product) + fabs(offset);
  });
}
