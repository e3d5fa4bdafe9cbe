// The reference of workload.cpp on the device: 8192 partial counts for each class, added by a warp.
#include <aisp/device_reference.hpp>

AISP_DEVICE_REFERENCE(c) {
  constexpr std::int64_t parts = 8192;
  const auto label = c.in<std::int32_t, 1>("label");
  const auto count = c.out<1>("count");
  const std::int64_t classes = count.size(), n = label.size();
  double* partial = c.scratch(classes * parts);
  c.for_each(parts, [=] __device__(std::int64_t part) {
    for (std::int64_t k = 0; k < classes; ++k) {
      double found = 0;
      for (std::int64_t i = part; i < n; i += parts) found += label[i] == k;
      partial[k * parts + part] = found;
    }
  });
  c.for_each(32 * classes, [=] __device__(std::int64_t at) {
    const std::int64_t k = at / 32, lane = at % 32;
    double sum = 0;
    for (std::int64_t part = lane; part < parts; part += 32) sum += partial[k * parts + part];
    for (int half = 16; half > 0; half /= 2) sum += __shfl_xor_sync(0xffffffffu, sum, half);
    if (lane == 0) count[k] = sum;
  });
}
