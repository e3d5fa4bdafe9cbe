// The second stage: y[b] = Σ_t x[t] · w[t, b], by rows of w.
#pragma once

#include <aisp/cpu.hpp>
#include <aisp/tensor.hpp>

#include <algorithm>

namespace ch11 {

AISP_SIMD inline void filter(const float* x, aisp::Matrix<const float> w, float* __restrict y) {
  const auto samples = w.dim(0), bands = w.dim(1);
  std::fill(y, y + bands, 0.0f);
  for (std::int64_t t = 0; t < samples; ++t) {
    const float* row = w.data + t * bands;
    for (std::int64_t b = 0; b < bands; ++b) y[b] += x[t] * row[b];
  }
}

}  // namespace ch11
