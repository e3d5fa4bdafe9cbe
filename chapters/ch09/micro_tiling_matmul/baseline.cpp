// Baseline: three loops in the order i, k, j, so that the innermost one runs along rows of B and C and vectorises.
// Each vector multiply-add loads a vector of B, loads a vector of C and stores it again.
// What binds it: loads and stores per multiply-add, and the traffic of B, which is read once for every row of A.
#include <aisp/cpu.hpp>
#include <aisp/variant.hpp>

#include <algorithm>

namespace {

AISP_SIMD void row_updates(aisp::Matrix<const float> a, aisp::Matrix<const float> b, aisp::Matrix<float> c) {
  const auto m = a.dim(0), n = b.dim(1), depth = a.dim(1);
  for (std::int64_t i = 0; i < m; ++i) {
    float* __restrict out = &c(i, 0);
    std::fill(out, out + n, 0.0f);
    for (std::int64_t k = 0; k < depth; ++k) {
      const float scale = a(i, k);
      const float* row = &b(k, 0);
      for (std::int64_t j = 0; j < n; ++j) out[j] += scale * row[j];
    }
  }
}

}  // namespace

AISP_VARIANT(row_updates, .about = "loops i, k, j, vectorised along rows");
