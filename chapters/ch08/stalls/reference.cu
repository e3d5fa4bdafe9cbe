// The reference of workload.cpp on the device: a thread for each column.
#include <aisp/device_reference.hpp>

AISP_DEVICE_REFERENCE(c) {
  const auto x = c.in<float, 2>("x");
  const auto y = c.out<1>("y"), scale = c.scale<1>("y");
  c.for_each(y.size(), [=] __device__(std::int64_t j) {
    double sum = 0, magnitude = 0;
    for (std::int64_t i = 0; i < x.dim(0); ++i) {
      const double v = x(i, j);
      sum += v;
      magnitude += fabs(v);
    }
    y[j] = sum;
    scale[j] = magnitude;
  });
}
