// What both CPU variants share: variance and result of a row whose mean is known.
#pragma once

#include <cmath>

#include "../lanes.hpp"

namespace ch09 {

[[gnu::always_inline]] inline void normalise(const float* h, float mean, const float* weight, const float* bias,
                                             float* __restrict y, std::int64_t cols) {
  Lanes squares = {}, v;
  std::int64_t j = 0;
  for (; j + kLanes <= cols; j += kLanes) {
    load(h + j, v);
    v -= mean;
    squares += v * v;
  }
  float sum = sum_of(squares);
  for (; j < cols; ++j) sum += (h[j] - mean) * (h[j] - mean);
  const float inverse = 1 / std::sqrt(sum / static_cast<float>(cols) + 1e-5f);
  for (j = 0; j < cols; ++j) y[j] = (h[j] - mean) * inverse * weight[j] + bias[j];
}

}  // namespace ch09
