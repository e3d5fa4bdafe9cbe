// The reference of workload.cpp on the device, a head at a time: scores and their magnitudes, weights and what their
// errors are made of, products with the values.
#include <aisp/cuda/double_product.hpp>
#include <aisp/device_reference.hpp>

using namespace aisp;

AISP_DEVICE_REFERENCE(c) {
  const auto q = c.in<float, 3>("q"), k = c.in<float, 3>("k"), v = c.in<float, 3>("v");
  const auto o = c.out<3>("o"), scale = c.scale<3>("o");
  const std::int64_t tokens = q.dim(1), dim = q.dim(2), head = tokens * dim;
  double *queries = c.scratch(head), *weight = c.scratch(tokens * tokens), *magnitude = c.scratch(tokens * tokens);
  const double root = 1 / sqrt(static_cast<double>(dim));
  for (std::int64_t h = 0; h < q.dim(0); ++h) {
    const std::int64_t first = h * head;
    c.for_each(head, [=] __device__(std::int64_t i) { queries[i] = q[first + i] * root; });
    DoubleProduct<double, float> scores{.m = tokens, .n = tokens, .k = dim};
    scores.a = queries, scores.b = k.data + first, scores.b_row = 1, scores.b_column = dim;
    scores.c = weight, scores.scale = magnitude;
    multiply_in_double(scores, 1, c.stream());
    c.for_each(32 * tokens, [=] __device__(std::int64_t at) {
      const std::int64_t i = at / 32, lane = at % 32;
      double *p = weight + i * tokens, *size = magnitude + i * tokens, top = -HUGE_VAL, sum = 0, most = 0;
      for (std::int64_t j = lane; j < tokens; j += 32) top = fmax(top, p[j]), most = fmax(most, size[j]);
      for (int half = 16; half > 0; half /= 2) {
        top = fmax(top, __shfl_xor_sync(0xffffffffu, top, half));
        most = fmax(most, __shfl_xor_sync(0xffffffffu, most, half));
      }
      for (std::int64_t j = lane; j < tokens; j += 32) sum += p[j] = exp(p[j] - top);
      for (int half = 16; half > 0; half /= 2) sum += __shfl_xor_sync(0xffffffffu, sum, half);
      for (std::int64_t j = lane; j < tokens; j += 32) {
        p[j] /= sum;
        size[j] = p[j] * (1 + most + size[j]) + 0x1p-102;
      }
    });
    DoubleProduct<double, float> values{.m = tokens, .n = dim, .k = tokens};
    values.a = weight, values.a_magnitude = magnitude, values.b = v.data + first, values.b_row = dim;
    values.c = o.data + first, values.scale = scale.data + first;
    multiply_in_double(values, 1, c.stream());
  }
}
