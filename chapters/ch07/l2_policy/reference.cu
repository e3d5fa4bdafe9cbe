// The reference of workload.cpp on the device.
#include <aisp/device_reference.hpp>

AISP_DEVICE_REFERENCE(c) {
  const auto table = c.in<float, 2>("table"), x = c.in<float, 2>("x");
  const auto group = c.in<std::int32_t, 1>("group");
  const auto y = c.out<2>("y");
  c.for_each(y.size(), [=] __device__(std::int64_t at) {
    const std::int64_t i = at / 32, j = at % 32;
    y(i, j) = static_cast<double>(x(i, j)) + table(group[i], j);
  });
}
