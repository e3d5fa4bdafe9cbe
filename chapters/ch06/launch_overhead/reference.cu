// The reference of workload.cpp on the device.
#include <aisp/device_reference.hpp>

AISP_DEVICE_REFERENCE(c) {
  const auto x = c.in<float, 2>("x");
  const auto factor = c.in<float, 1>("factor");
  const auto y = c.out<2>("y");
  const std::int64_t length = x.dim(1);
  c.for_each(y.size(), [=] __device__(std::int64_t i) { y[i] = static_cast<double>(factor[i / length]) * x[i]; });
}
