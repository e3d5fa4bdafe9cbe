// One kernel: squares are summed as they are made, and a row is scaled while it is still in the first-level cache.
// Effect: six streams through memory become two. What binds it: memory bandwidth.
#include <aisp/cpu.hpp>
#include <aisp/variant.hpp>

#include <cmath>

#include "../lanes.hpp"

namespace {

using namespace ch09;

AISP_SIMD void fused(aisp::Matrix<const float> x, aisp::Matrix<float> y) {
  const auto cols = x.dim(1);
  for (std::int64_t i = 0; i < x.dim(0); ++i) {
    const float* in = &x(i, 0);
    float* __restrict out = &y(i, 0);
    Lanes a = {}, b = {}, v, w;
    std::int64_t j = 0;
    for (; j + 2 * kLanes <= cols; j += 2 * kLanes) {
      load(in + j, v);
      load(in + j + kLanes, w);
      a += v * v;
      b += w * w;
    }
    float sum = sum_of(a + b);
    for (; j < cols; ++j) sum += in[j] * in[j];
    const float factor = 1 / std::sqrt(sum + 1e-12f);
    for (j = 0; j < cols; ++j) out[j] = in[j] * factor;
  }
}

}  // namespace

AISP_VARIANT(fused, .about = "one kernel, row by row");
