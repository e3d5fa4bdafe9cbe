// The reference of workload.cpp on the device: every element walks to its root.
#include <aisp/device_reference.hpp>

AISP_DEVICE_REFERENCE(c) {
  const auto step = c.in<std::int32_t, 1>("step");
  const auto root = c.out<1>("root");
  c.for_each(root.size(), [=] __device__(std::int64_t i) {
    std::int64_t at = i;
    while (step[at] != 0 && step[at] <= at) at -= step[at];
    root[i] = static_cast<double>(at);
  });
}
