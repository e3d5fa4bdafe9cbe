// The same idea with vectors as accumulators: four chains of sixteen lanes, 64 partial sums.
// One vector chain would again wait for itself; four of them cover the latency of a vector addition.
// Effect: the additions vanish behind the loads. What binds it: load bandwidth of the cache that holds the matrix.
#include <aisp/cpu.hpp>
#include <aisp/variant.hpp>

namespace {

constexpr int kLanes = 16;
constexpr int kChains = 4;
using Lanes [[gnu::vector_size(4 * kLanes), gnu::aligned(4), gnu::may_alias]] = float;

AISP_SIMD void unrolled_simd(aisp::Matrix<const float> x, aisp::Vector<float> y) {
  const auto cols = x.dim(1);
  for (std::int64_t i = 0; i < x.dim(0); ++i) {
    const float* row = &x(i, 0);
    Lanes a = {}, b = {}, c = {}, d = {};
    std::int64_t j = 0;
    for (; j + kChains * kLanes <= cols; j += kChains * kLanes) {
      const Lanes* v = reinterpret_cast<const Lanes*>(row + j);  // `auto` would lose the alignment of 4
      a += v[0];
      b += v[1];
      c += v[2];
      d += v[3];
    }
    const Lanes lanes = (a + b) + (c + d);
    float sum = 0;
    for (; j < cols; ++j) sum += row[j];
    for (int l = 0; l < kLanes; ++l) sum += lanes[l];
    y(i) = sum;
  }
}

}  // namespace

AISP_VARIANT(unrolled_simd, .about = "four vector accumulators of sixteen lanes");
