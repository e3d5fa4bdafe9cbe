// The reference of workload.cpp on the device.
#include <aisp/device_reference.hpp>

AISP_DEVICE_REFERENCE(c) {
  const auto x = c.in<float, 1>("x"), y = c.in<float, 1>("y");
  const auto z = c.out<1>("z");
  c.for_each(z.size(), [=] __device__(std::int64_t i) { z[i] = static_cast<double>(x[i]) + y[i]; });
}
