// Baseline: three passes over the row: maximum, exponentials and their sum, scaling.
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
    double sum = 0;  // a float sum of thousands of equal terms rounds the same way each time
    for (std::int64_t j = 0; j < cols; ++j) sum += out[j] = std::exp(in[j] - top);
    const float inverse = static_cast<float>(1 / sum);
    for (std::int64_t j = 0; j < cols; ++j) out[j] *= inverse;
  }
}

}  // namespace

AISP_VARIANT(three_pass, .about = "three passes, scalar exp");
