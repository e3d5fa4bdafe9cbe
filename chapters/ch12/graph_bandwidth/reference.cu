// The reference of workload.cpp on the device.
#include <aisp/device_reference.hpp>

AISP_DEVICE_REFERENCE(c) {
  const auto x = c.in<float, 2>("x");
  const auto y = c.out<2>("y");
  const std::int64_t pieces = x.dim(0), length = x.dim(1);
  c.for_each(y.size(), [=] __device__(std::int64_t i) { y[i] = x(pieces - 1 - i / length, i % length); });
}
