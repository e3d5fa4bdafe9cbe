// The reference of workload.cpp on the device.
#include <aisp/cuda/double_product.hpp>
#include <aisp/device_reference.hpp>

#include "../block_scaled_products.hpp"

using namespace aisp;

namespace {

// A matrix of numbers and scales as doubles.
double* widened(DeviceCase& x, const char* name, const char* scales_name) {
  const auto numbers = x.in<float8_e4m3, 2>(name);
  const auto scales = x.in<std::uint8_t, 2>(scales_name);
  const std::int64_t depth = x.param("k"), n = numbers.dim(0) * depth;
  double* to = x.scratch(n);
  x.for_each(n, [=] __device__(std::int64_t i) {
    to[i] = ch09::mxfp8_at([=](std::int64_t e) { return to_float(numbers[e]); },
                           [=](std::int64_t e) { return scales[e]; }, i / depth, depth, i % depth);
  });
  return to;
}

}  // namespace

AISP_DEVICE_REFERENCE(x) {
  const auto c = x.out<2>("c"), scale = x.scale<2>("c");
  DoubleProduct<double, double> product{.m = c.dim(0), .n = c.dim(1), .k = x.param("k")};
  product.a = widened(x, "a", "a_scales"), product.b = widened(x, "b", "b_scales");
  product.b_row = 1, product.b_column = product.k;
  product.c = c.data, product.scale = scale.data;
  multiply_in_double(product, 1, x.stream());
}
