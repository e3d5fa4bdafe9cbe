// The reference of workload.cpp on the device.
#include <aisp/cuda/double_product.hpp>
#include <aisp/device_reference.hpp>

#include "gelu.hpp"

using namespace aisp;

AISP_DEVICE_REFERENCE(c) {
  const auto x = c.in<bfloat16, 2>("x"), w = c.in<bfloat16, 2>("w");
  const auto bias = c.in<bfloat16, 1>("bias");
  const auto y = c.out<2>("y"), scale = c.scale<2>("y");
  const std::int64_t columns = y.dim(1), depth = x.dim(1);
  double *left = c.scratch(x.size()), *right = c.scratch(w.size());
  c.for_each(x.size(), [=] __device__(std::int64_t i) { left[i] = to_float(x[i]); });
  c.for_each(w.size(), [=] __device__(std::int64_t i) { right[i] = to_float(w[i]); });
  DoubleProduct<double, double> product{.m = y.dim(0), .n = columns, .k = depth};
  product.a = left, product.b = right, product.b_row = 1, product.b_column = depth;
  product.c = y.data, product.scale = scale.data;
  multiply_in_double(product, 1, c.stream());
  c.for_each(y.size(), [=] __device__(std::int64_t i) {
    const double sum = y[i];
    scale[i] = ch09::linear_scale(sum, scale[i]);
    y[i] = ch09::gelu(sum + to_float(bias[i % columns]));
  });
}
