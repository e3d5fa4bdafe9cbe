// The work on a piece of a row, the same in both CPU variants: eight running sums, so that the additions do not wait
// for each other.
#pragma once

#include <cstdint>

namespace ch12 {

inline float sum(const float* x, std::int64_t n) {
  constexpr int lanes = 8;
  float part[lanes] = {};
  std::int64_t i = 0;
  for (; i + lanes <= n; i += lanes)
    for (int l = 0; l < lanes; ++l) part[l] += x[i + l];
  for (; i < n; ++i) part[0] += x[i];
  return ((part[0] + part[4]) + (part[1] + part[5])) + ((part[2] + part[6]) + (part[3] + part[7]));
}

}  // namespace ch12
