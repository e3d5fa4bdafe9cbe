// The work that both variants do.
#pragma once

#include <cstdint>

namespace {

void horner(const float* x, float* y, std::int64_t n) {
  for (std::int64_t i = 0; i < n; ++i) {
    float value = 1;
    for (int k = 0; k < 255; ++k) value = value * x[i] + 1;
    y[i] = value;
  }
}

}  // namespace
