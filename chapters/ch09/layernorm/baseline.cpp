// Baseline: the residual addition is one kernel, the norm another that goes over each row of its result three times:
// mean, variance about it, result. All loops vectorise.
// What binds it: memory bandwidth; h goes out to memory and comes back.
#include <aisp/cpu.hpp>
#include <aisp/variant.hpp>

#include "layer_norm.hpp"

namespace {

using In = aisp::Matrix<const float>;
using Row = aisp::Vector<const float>;
using Out = aisp::Matrix<float>;

AISP_SIMD void add(const float* __restrict x, const float* __restrict residual, float* __restrict h, std::int64_t n) {
  for (std::int64_t i = 0; i < n; ++i) h[i] = x[i] + residual[i];
}

AISP_SIMD void norm(const float* h, const float* weight, const float* bias, float* y, std::int64_t rows,
                    std::int64_t cols) {
  for (std::int64_t i = 0; i < rows; ++i, h += cols, y += cols) {
    ch09::Lanes sums = {}, v;
    std::int64_t j = 0;
    for (; j + ch09::kLanes <= cols; j += ch09::kLanes) {
      ch09::load(h + j, v);
      sums += v;
    }
    float sum = ch09::sum_of(sums);
    for (; j < cols; ++j) sum += h[j];
    ch09::normalise(h, sum / static_cast<float>(cols), weight, bias, y, cols);
  }
}

void two_kernels(In x, In residual, Row weight, Row bias, Out h, Out y) {
  add(x.data, residual.data, h.data, h.size());
  norm(h.data, weight.data, bias.data, y.data, h.dim(0), h.dim(1));
}

}  // namespace

AISP_VARIANT(two_kernels, .about = "residual addition, then a norm of three passes");
