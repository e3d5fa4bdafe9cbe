// The reference of workload.cpp on the device.
#include <aisp/device_reference.hpp>

#include "../iterate_reference.hpp"

AISP_DEVICE_REFERENCE(c) {
  const auto x = c.in<float, 1>("x");
  const auto y = c.out<1>("y"), scale = c.scale<1>("y");
  c.for_each(y.size(), [=] __device__(std::int64_t i) {
    y[i] = ch11::iterated(x[i]);
    scale[i] = ch11::iterated_scale(y[i]);
  });
}
