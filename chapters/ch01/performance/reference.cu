// The reference of workload.cpp on the device: both layers as products in double, the second on the first's values and
// magnitudes.
#include <aisp/cuda/double_product.hpp>
#include <aisp/device_reference.hpp>

using namespace aisp;

AISP_DEVICE_REFERENCE(c) {
  const auto x = c.in<float, 3>("x");
  const auto w1 = c.in<float, 2>("w1"), w2 = c.in<float, 2>("w2");
  const auto b1 = c.in<float, 1>("b1"), b2 = c.in<float, 1>("b2");
  const auto y = c.out<3>("y"), scale = c.scale<3>("y");
  const std::int64_t batch = x.dim(0) * x.dim(1), in = w1.dim(0), hidden = w1.dim(1), out = w2.dim(1);
  double *h = c.scratch(batch * hidden), *magnitude = c.scratch(batch * hidden);

  DoubleProduct<float, float> first{.m = batch, .n = hidden, .k = in};
  first.a = x.data, first.b = w1.data, first.b_row = hidden, first.c = h, first.scale = magnitude;
  multiply_in_double(first, 1, c.stream());
  c.for_each(batch * hidden, [=] __device__(std::int64_t i) {
    const double sum = h[i] + b1[i % hidden];
    h[i] = sum > 0 ? sum : 0;
    magnitude[i] += fabs(static_cast<double>(b1[i % hidden]));
  });

  DoubleProduct<double, float> second{.m = batch, .n = out, .k = hidden};
  second.a = h, second.a_magnitude = magnitude, second.b = w2.data, second.b_row = out;
  second.c = y.data, second.scale = scale.data;
  multiply_in_double(second, 1, c.stream());
  c.for_each(batch * out, [=] __device__(std::int64_t i) {
    y[i] += b2[i % out];
    scale[i] += fabs(static_cast<double>(b2[i % out]));
  });
}
