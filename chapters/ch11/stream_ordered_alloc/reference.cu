// The reference of workload.cpp on the device.
#include <aisp/device_reference.hpp>

AISP_DEVICE_REFERENCE(c) {
  const auto x = c.in<float, 1>("x");
  const auto y = c.out<1>("y");
  const std::int64_t n = x.size();
  c.for_each(n, [=] __device__(std::int64_t i) {
    double squares = 0;
    for (std::int64_t j = i > 4 ? i - 4 : 0; j <= i + 4 && j < n; ++j) squares += static_cast<double>(x[j]) * x[j];
    y[i] = x[i] / sqrt(squares / 9 + 0.01);
  });
}
