// Attention of one head of 16, for the attacks on it: `sees(row, column)` says which keys a row looks at.
#pragma once

#include "attack.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

namespace attacks {

template <class Sees> void attention(InMatrix q, InMatrix k, InMatrix v, OutMatrix y, Sees sees) {
  constexpr std::int64_t kHead = 16;
  std::vector<float> weight(static_cast<std::size_t>(k.dim(0)));
  for (std::int64_t row = 0; row < q.dim(0); ++row) {
    float most = -1e30f, total = 0;
    for (std::int64_t j = 0; j < k.dim(0); ++j) {
      float dot = 0;
      for (std::int64_t d = 0; d < kHead; ++d) dot += q(row, d) * k(j, d);
      weight[static_cast<std::size_t>(j)] = sees(row, j) ? dot / 4 : -1e30f;
      most = std::max(most, weight[static_cast<std::size_t>(j)]);
    }
    for (auto& w : weight) total += w = w > -1e29f ? std::exp(w - most) : 0;
    for (std::int64_t d = 0; d < kHead; ++d) {
      float sum = 0;
      for (std::int64_t j = 0; j < k.dim(0); ++j) sum += weight[static_cast<std::size_t>(j)] * v(j, d);
      y(row, d) = sum / total;
    }
  }
}

}  // namespace attacks
