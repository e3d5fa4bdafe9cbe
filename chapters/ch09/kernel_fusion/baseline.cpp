// Baseline: one pass per operation, each a loop that vectorises, as a library of elementwise operators runs them.
// Every pass reads and writes the whole output again: nine streams through memory where three would do.
// What binds it: memory bandwidth.
#include <aisp/cpu.hpp>
#include <aisp/variant.hpp>

#include <algorithm>

namespace {

using In = aisp::Matrix<const float>;
using Row = aisp::Vector<const float>;
using Out = aisp::Matrix<float>;

AISP_SIMD void scale(In x, const float* __restrict gain, float* __restrict y) {
  for (std::int64_t i = 0; i < x.dim(0); ++i)
    for (std::int64_t j = 0, at = i * x.dim(1); j < x.dim(1); ++j) y[at + j] = x[at + j] * gain[j];
}
AISP_SIMD void add_row(Out y, const float* __restrict bias) {
  for (std::int64_t i = 0; i < y.dim(0); ++i)
    for (std::int64_t j = 0, at = i * y.dim(1); j < y.dim(1); ++j) y[at + j] += bias[j];
}
AISP_SIMD void relu(float* y, std::int64_t n) {
  for (std::int64_t i = 0; i < n; ++i) y[i] = y[i] > 0 ? y[i] : 0;
}
AISP_SIMD void add(const float* __restrict residual, float* __restrict y, std::int64_t n) {
  for (std::int64_t i = 0; i < n; ++i) y[i] += residual[i];
}

void four_passes(In x, In residual, Row gain, Row bias, Out y) {
  scale(x, gain.data, y.data);
  add_row(y, bias.data);
  relu(y.data, y.size());
  add(residual.data, y.data, y.size());
}

}  // namespace

AISP_VARIANT(four_passes, .about = "four elementwise passes");
