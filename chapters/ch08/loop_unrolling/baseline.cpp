// Baseline: one accumulator per row.
// Every addition waits for the one before it, and the compiler may not reorder them: floating-point addition is not
// associative, so the sum that you wrote is the sum that you get.
// What binds it: the latency of one addition per element.
#include <aisp/variant.hpp>

namespace {

void rolled(aisp::Matrix<const float> x, aisp::Vector<float> y) {
  for (std::int64_t i = 0; i < x.dim(0); ++i) {
    float sum = 0;
    for (std::int64_t j = 0; j < x.dim(1); ++j) sum += x(i, j);
    y(i) = sum;
  }
}

}  // namespace

AISP_VARIANT(rolled, .about = "one accumulator");
