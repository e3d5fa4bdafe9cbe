// The device reference of the attention targets, in double and a head at a time: scores, weights in their place, and
// two products: of weights and values, and of their squares.
#pragma once

#include <aisp/cuda/double_product.hpp>
#include <aisp/device_reference.hpp>

#include "masks.hpp"

namespace attention {

template <class Mask> void reference(aisp::DeviceCase& c, Mask mask) {
  using aisp::bfloat16, aisp::DoubleProduct, aisp::multiply_in_double;
  const auto q = c.in<bfloat16, 3>("q"), k = c.in<bfloat16, 3>("k"), v = c.in<bfloat16, 3>("v");
  const auto o = c.out<3>("o"), scale = c.scale<3>("o");
  const std::int64_t tokens = q.dim(1), dim = q.dim(2), head = tokens * dim;
  double *queries = c.scratch(head), *keys = c.scratch(head), *values = c.scratch(head), *squares = c.scratch(head);
  double *weight = c.scratch(tokens * tokens), *square = c.scratch(tokens * tokens), *unused = c.scratch(head);
  const double root = 1 / sqrt(static_cast<double>(dim));
  for (std::int64_t h = 0; h < q.dim(0); ++h) {
    const std::int64_t first = h * head;
    c.for_each(head, [=] __device__(std::int64_t i) {
      queries[i] = to_float(q[first + i]) * root;
      keys[i] = to_float(k[first + i]);
      values[i] = to_float(v[first + i]);
      squares[i] = values[i] * values[i];
    });
    DoubleProduct<double, double> scores{.m = tokens, .n = tokens, .k = dim};
    scores.a = queries, scores.b = keys, scores.b_row = 1, scores.b_column = dim;
    scores.c = weight, scores.scale = square;
    multiply_in_double(scores, 1, c.stream());
    c.for_each(32 * tokens, [=] __device__(std::int64_t at) {
      const std::int64_t i = at / 32, lane = at % 32;
      double *p = weight + i * tokens, *p2 = square + i * tokens, top = -HUGE_VAL, sum = 0;
      for (std::int64_t j = lane; j < tokens; j += 32)
        if (mask(i, j)) top = fmax(top, p[j]);
      for (int half = 16; half > 0; half /= 2) top = fmax(top, __shfl_xor_sync(0xffffffffu, top, half));
      for (std::int64_t j = lane; j < tokens; j += 32) sum += p[j] = mask(i, j) ? exp(p[j] - top) : 0;
      for (int half = 16; half > 0; half /= 2) sum += __shfl_xor_sync(0xffffffffu, sum, half);
      for (std::int64_t j = lane; j < tokens; j += 32) {
        p[j] /= sum;
        p2[j] = p[j] * p[j];
      }
    });
    DoubleProduct<double, double> mean{.m = tokens, .n = dim, .k = tokens};
    mean.a = weight, mean.b = values, mean.b_row = dim, mean.c = o.data + first, mean.scale = unused;
    multiply_in_double(mean, 1, c.stream());
    mean.a = square, mean.b = squares, mean.c = scale.data + first;
    multiply_in_double(mean, 1, c.stream());
    c.for_each(head, [=] __device__(std::int64_t i) { scale[first + i] = sqrt(scale[first + i]); });
  }
}

}  // namespace attention
