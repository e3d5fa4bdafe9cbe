// Baseline: three passes over the row: maximum, exponentials and their sum, division.
// What binds it: std::exp, one element at a time.
#include <aisp/variant.hpp>

#include <algorithm>
#include <cmath>

namespace {

void three_pass(aisp::Matrix<const float> x, aisp::Matrix<float> y) {
  const auto rows = x.dim(0), cols = x.dim(1);
  for (std::int64_t i = 0; i < rows; ++i) {
    const float* in = &x(i, 0);
    float* out = &y(i, 0);
    const float top = *std::max_element(in, in + cols);
    float sum = 0;
    for (std::int64_t j = 0; j < cols; ++j) sum += out[j] = std::exp(in[j] - top);
    for (std::int64_t j = 0; j < cols; ++j) out[j] /= sum;
  }
}

}  // namespace

AISP_VARIANT(three_pass, .about = "three passes, scalar exp");
