// Baseline: four kernels, as a composition of library operators runs them: square, sum of each row, inverse square
// root, scale. Each one vectorises and passes over the whole matrix (or the vector of lengths) before the next starts.
// What binds it: memory bandwidth; the matrix of squares is written and read for nothing.
#include <aisp/cpu.hpp>
#include <aisp/variant.hpp>

#include <cmath>
#include <vector>

#include "../lanes.hpp"

namespace {

using namespace ch09;

AISP_SIMD void square(const float* __restrict x, float* __restrict squares, std::int64_t n) {
  for (std::int64_t i = 0; i < n; ++i) squares[i] = x[i] * x[i];
}

AISP_SIMD void sum_rows(const float* squares, float* sums, std::int64_t rows, std::int64_t cols) {
  for (std::int64_t i = 0; i < rows; ++i, squares += cols) {
    Lanes a = {}, b = {}, v, w;
    std::int64_t j = 0;
    for (; j + 2 * kLanes <= cols; j += 2 * kLanes) {
      load(squares + j, v);
      load(squares + j + kLanes, w);
      a += v;
      b += w;
    }
    float sum = sum_of(a + b);
    for (; j < cols; ++j) sum += squares[j];
    sums[i] = sum;
  }
}

AISP_SIMD void inverse_root(float* sums, std::int64_t rows) {
  for (std::int64_t i = 0; i < rows; ++i) sums[i] = 1 / std::sqrt(sums[i] + 1e-12f);
}

AISP_SIMD void scale_rows(const float* x, const float* factors, float* __restrict y, std::int64_t rows,
                          std::int64_t cols) {
  for (std::int64_t i = 0; i < rows; ++i, x += cols, y += cols) {
    const float factor = factors[i];
    for (std::int64_t j = 0; j < cols; ++j) y[j] = x[j] * factor;
  }
}

class FourKernels {
 public:
  explicit FourKernels(const aisp::Setup& setup) : sums_(static_cast<std::size_t>(setup.param("rows"))) {}
  void operator()(aisp::Matrix<const float> x, aisp::Matrix<float> y) {
    const auto rows = x.dim(0), cols = x.dim(1);
    square(x.data, y.data, x.size());  // y holds the squares until the last kernel
    sum_rows(y.data, sums_.data(), rows, cols);
    inverse_root(sums_.data(), rows);
    scale_rows(x.data, sums_.data(), y.data, rows, cols);
  }

 private:
  std::vector<float> sums_;
};

}  // namespace

AISP_VARIANT(FourKernels, .about = "square, sum, inverse root, scale");
