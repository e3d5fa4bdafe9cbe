// Cache blocking: the same row updates on a 64×256 block of B at a time, which stays in the first-level cache's
// neighbour while every row of A passes over it.
// Effect: B is read from memory once, not once per row. Small where B fits the last-level cache anyway: loads and
// stores of C per multiply-add are as many as before, and they are what binds it.
#include <aisp/cpu.hpp>
#include <aisp/variant.hpp>

#include <algorithm>

namespace {

constexpr std::int64_t kDepth = 64, kCols = 256;  // 64 KiB of B

AISP_SIMD void blocked(aisp::Matrix<const float> a, aisp::Matrix<const float> b, aisp::Matrix<float> c) {
  const auto m = a.dim(0), n = b.dim(1), depth = a.dim(1);
  std::fill(c.begin(), c.end(), 0.0f);
  for (std::int64_t j0 = 0; j0 < n; j0 += kCols)
    for (std::int64_t k0 = 0; k0 < depth; k0 += kDepth) {
      const auto cols = std::min(kCols, n - j0), k1 = std::min(k0 + kDepth, depth);
      for (std::int64_t i = 0; i < m; ++i) {
        float* __restrict out = &c(i, j0);
        for (std::int64_t k = k0; k < k1; ++k) {
          const float scale = a(i, k);
          const float* row = &b(k, j0);
          for (std::int64_t j = 0; j < cols; ++j) out[j] += scale * row[j];
        }
      }
    }
}

}  // namespace

AISP_VARIANT(blocked, .about = "cache blocks of B");
