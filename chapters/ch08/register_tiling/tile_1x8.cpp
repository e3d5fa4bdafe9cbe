// A 1×8 tile: eight outputs of one row are one vector register.
// A step of k loads one element of A and one vector of B for eight multiply-adds: a quarter of the loads of 1×1,
// counted in instructions, but still two of them for one vector multiply-add, and still a single chain. What binds it:
// latency of the vector addition.
#include <aisp/cpu.hpp>
#include <aisp/variant.hpp>

#include <algorithm>

namespace {

constexpr int kCols = 8;
using Row [[gnu::vector_size(4 * kCols), gnu::aligned(4), gnu::may_alias]] = float;

AISP_SIMD void tile_1x8(aisp::Matrix<const float> a, aisp::Matrix<const float> b, aisp::Matrix<float> c) {
  const auto m = a.dim(0), n = b.dim(1), depth = a.dim(1);
  for (std::int64_t i = 0; i < m; ++i) {
    std::int64_t j = 0;
    for (; j + kCols <= n; j += kCols) {
      Row sum = {};
      for (std::int64_t k = 0; k < depth; ++k) sum += a(i, k) * *reinterpret_cast<const Row*>(&b(k, j));
      *reinterpret_cast<Row*>(&c(i, j)) = sum;
    }
    for (; j < n; ++j) {
      float sum = 0;
      for (std::int64_t k = 0; k < depth; ++k) sum += a(i, k) * b(k, j);
      c(i, j) = sum;
    }
  }
}

}  // namespace

AISP_VARIANT(tile_1x8, .about = "1x8: one vector of outputs in a register");
