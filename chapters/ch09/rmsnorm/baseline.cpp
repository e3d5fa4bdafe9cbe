// Baseline: the residual addition is one kernel, the norm another that reads its result twice, once for the sum of
// squares and once to scale. All loops vectorise.
// What binds it: memory bandwidth; h goes out to memory and comes back.
#include <aisp/cpu.hpp>
#include <aisp/variant.hpp>

#include <cmath>

#include "../lanes.hpp"

namespace {

using namespace ch09;
using In = aisp::Matrix<const float>;
using Out = aisp::Matrix<float>;

AISP_SIMD void add(const float* __restrict x, const float* __restrict residual, float* __restrict h, std::int64_t n) {
  for (std::int64_t i = 0; i < n; ++i) h[i] = x[i] + residual[i];
}

AISP_SIMD void rms_norm(const float* h, const float* weight, float* __restrict y, std::int64_t rows,
                        std::int64_t cols) {
  for (std::int64_t i = 0; i < rows; ++i, h += cols, y += cols) {
    Lanes a = {}, b = {}, v, w;
    std::int64_t j = 0;
    for (; j + 2 * kLanes <= cols; j += 2 * kLanes) {
      load(h + j, v);
      load(h + j + kLanes, w);
      a += v * v;
      b += w * w;
    }
    float sum = sum_of(a + b);
    for (; j < cols; ++j) sum += h[j] * h[j];
    const float inverse = 1 / std::sqrt(sum / static_cast<float>(cols) + 1e-5f);
    for (j = 0; j < cols; ++j) y[j] = h[j] * inverse * weight[j];
  }
}

void two_kernels(In x, In residual, aisp::Vector<const float> weight, Out h, Out y) {
  add(x.data, residual.data, h.data, h.size());
  rms_norm(h.data, weight.data, y.data, h.dim(0), h.dim(1));
}

}  // namespace

AISP_VARIANT(two_kernels, .about = "residual addition, then a norm that reads h twice");
