// Baseline: one output at a time (a 1×1 tile), its sum kept in one register.
// Each multiply-add needs two loads, one element of A and one of B, and waits for the multiply-add before it.
// What binds it: two loads and one addition latency per multiply-add.
#include <aisp/variant.hpp>

namespace {

void tile_1x1(aisp::Matrix<const float> a, aisp::Matrix<const float> b, aisp::Matrix<float> c) {
  const auto m = a.dim(0), n = b.dim(1), depth = a.dim(1);
  for (std::int64_t i = 0; i < m; ++i)
    for (std::int64_t j = 0; j < n; ++j) {
      float sum = 0;
      for (std::int64_t k = 0; k < depth; ++k) sum += a(i, k) * b(k, j);
      c(i, j) = sum;
    }
}

}  // namespace

AISP_VARIANT(tile_1x1, .about = "1x1: one output in a register");
