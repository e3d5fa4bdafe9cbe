// Baseline: three kernels with the whole score matrix of a head between them: S = Q·Kᵀ / √dim, softmax of each row of
// S, O = S·V. The products run along rows and vectorise, the exponential works on sixteen elements at once. What binds
// it: loads and stores per multiply-add in the products, and for long sequences the traffic of S, which is written once
// and read three times.
#include <aisp/cpu.hpp>
#include <aisp/variant.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "../lanes.hpp"

namespace {

using namespace ch09;
using In = aisp::Tensor<const float, 3>;
using Out = aisp::Tensor<float, 3>;

// c (m, n) = scale · a (m, depth) · b (depth, n), by row updates.
AISP_SIMD void multiply(const float* a, const float* b, float scale, std::int64_t m, std::int64_t n, std::int64_t depth,
                        float* c) {
  for (std::int64_t i = 0; i < m; ++i) {
    float* __restrict out = c + i * n;
    std::fill(out, out + n, 0.0f);
    for (std::int64_t k = 0; k < depth; ++k) {
      const float element = a[i * depth + k] * scale;
      const float* row = b + k * n;
      for (std::int64_t j = 0; j < n; ++j) out[j] += element * row[j];
    }
  }
}

void transpose(const float* x, std::int64_t rows, std::int64_t cols, float* y) {
  for (std::int64_t i = 0; i < rows; ++i)
    for (std::int64_t j = 0; j < cols; ++j) y[j * rows + i] = x[i * cols + j];
}

AISP_SIMD void softmax_rows(float* s, std::int64_t rows, std::int64_t cols) {
  constexpr float kLowest = std::numeric_limits<float>::lowest();
  const auto whole = cols - cols % kLanes, rest = cols - whole;
  for (std::int64_t i = 0; i < rows; ++i, s += cols) {
    Lanes top = Lanes{} + kLowest, tail, v, sum = {};
    for (std::int64_t j = 0; j < whole; j += kLanes) {
      load(s + j, v);
      top = v > top ? v : top;
    }
    load_some(s + whole, rest, kLowest, tail);
    const float highest = max_of(tail > top ? tail : top);
    for (std::int64_t j = 0; j < whole; j += kLanes) {
      load(s + j, v);
      v -= highest;
      exp(v);
      store(s + j, v);
      sum += v;
    }
    tail -= highest;
    exp(tail);
    for (std::int64_t l = rest; l < kLanes; ++l) tail[l] = 0;
    store_some(s + whole, rest, tail);
    const float inverse = 1 / sum_of(sum + tail);
    for (std::int64_t j = 0; j < cols; ++j) s[j] *= inverse;
  }
}

class ThreeKernels {
 public:
  explicit ThreeKernels(const aisp::Setup& setup)
      : scores_(static_cast<std::size_t>(setup.param("tokens") * setup.param("tokens"))),
        transposed_(static_cast<std::size_t>(setup.param("tokens") * setup.param("dim"))) {}

  void operator()(In q, In k, In v, Out o) {
    const auto tokens = q.dim(1), dim = q.dim(2);
    const float scale = 1 / std::sqrt(static_cast<float>(dim));
    for (std::int64_t h = 0; h < q.dim(0); ++h) {
      transpose(&k(h, 0, 0), tokens, dim, transposed_.data());
      multiply(&q(h, 0, 0), transposed_.data(), scale, tokens, tokens, dim, scores_.data());
      softmax_rows(scores_.data(), tokens, tokens);
      multiply(scores_.data(), &v(h, 0, 0), 1, tokens, dim, tokens, &o(h, 0, 0));
    }
  }

 private:
  std::vector<float> scores_;      // (tokens, tokens) of one head
  std::vector<float> transposed_;  // kᵀ (dim, tokens) of one head
};

}  // namespace

AISP_VARIANT(ThreeKernels, .about = "scores, softmax, values; the whole score matrix in memory");
