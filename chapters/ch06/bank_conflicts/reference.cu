// The reference of workload.cpp on the device.
#include <aisp/device_reference.hpp>

AISP_DEVICE_REFERENCE(c) {
  const auto x = c.in<float, 3>("x");
  const auto y = c.out<3>("y");
  c.for_each(y.size(), [=] __device__(std::int64_t at) {
    const std::int64_t b = at / 1024, j = at / 32 % 32, i = at % 32;
    y(b, j, i) = x(b, i, j);
  });
}
