// The reference of workload.cpp on the device.
#include <aisp/device_reference.hpp>

AISP_DEVICE_REFERENCE(c) {
  const auto x = c.in<float, 2>("x"), residual = c.in<float, 2>("residual");
  const auto gain = c.in<float, 1>("gain"), bias = c.in<float, 1>("bias");
  const auto y = c.out<2>("y"), scale = c.scale<2>("y");
  const std::int64_t cols = x.dim(1);
  c.for_each(y.size(), [=] __device__(std::int64_t at) {
    const std::int64_t j = at % cols;
    const double b = bias[j], product = static_cast<double>(x[at]) * gain[j], linear = product + b;
    y[at] = (linear > 0 ? linear : 0) + residual[at];
    scale[at] = fabs(product) + fabs(b) + fabs(static_cast<double>(residual[at]));
  });
}
