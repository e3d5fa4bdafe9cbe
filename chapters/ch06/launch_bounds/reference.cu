// The reference of workload.cpp on the device: a column for each thread.
#include <aisp/device_reference.hpp>

AISP_DEVICE_REFERENCE(c) {
  constexpr int length = 64;
  const auto x = c.in<float, 2>("x");
  const auto y = c.out<2>("y"), scale = c.scale<2>("y");
  c.for_each(x.dim(1), [=] __device__(std::int64_t i) {
    double v[length], magnitude = 0;
#pragma unroll
    for (int k = 0; k < length; ++k) magnitude += fabs(v[k] = x(k, i));
#pragma unroll
    for (int half = 1; half < length; half *= 2)
#pragma unroll
      for (int k = 0; k < length; ++k)
        if (!(k & half)) {
          const double a = v[k], b = v[k + half];
          v[k] = a + b;
          v[k + half] = a - b;
        }
#pragma unroll
    for (int k = 0; k < length; ++k) {
      y(k, i) = v[k];
      scale(k, i) = magnitude;
    }
  });
}
