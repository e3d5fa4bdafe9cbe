// Baseline: one product after the other, each a call of its own, with the loop order that streams rows (i, k, j).
// The inner loop vectorises, yet each multiply-add loads and stores an element of C and loads one of B.
// What binds it: loads and stores of the first two cache levels.
#include <aisp/cpu.hpp>
#include <aisp/variant.hpp>

#include <algorithm>

namespace {

AISP_SIMD void product(std::int64_t m, std::int64_t n, std::int64_t k, const float* __restrict a,
                       const float* __restrict b, float* __restrict c) {
  for (std::int64_t i = 0; i < m; ++i) {
    float* row = c + i * n;
    std::fill(row, row + n, 0.0f);
    for (std::int64_t p = 0; p < k; ++p) {
      const float x = a[i * k + p];
      const float* y = b + p * n;
      for (std::int64_t j = 0; j < n; ++j) row[j] += x * y[j];
    }
  }
}

void one_by_one(aisp::Tensor<const float, 3> a, aisp::Tensor<const float, 3> b, aisp::Tensor<float, 3> c) {
  const auto m = c.dim(1), n = c.dim(2), k = a.dim(2);
  for (std::int64_t i = 0; i < c.dim(0); ++i) product(m, n, k, &a(i, 0, 0), &b(i, 0, 0), &c(i, 0, 0));
}

}  // namespace

AISP_VARIANT(one_by_one, .about = "a call per product, i-k-j loops");
