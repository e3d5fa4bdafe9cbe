// Baseline: one accumulator. Floating-point addition is not associative, so the compiler must keep the order and adds
// one element after the other. What binds it: the latency of an addition (2 to 4 cycles an element); memory is nearly
// idle.
#include <aisp/variant.hpp>

namespace {

void one_accumulator(aisp::Matrix<const float> x, aisp::Vector<float> y) {
  for (std::int64_t i = 0; i < x.dim(0); ++i) {
    float sum = 0;
    for (std::int64_t j = 0; j < x.dim(1); ++j) sum += x(i, j);
    y[i] = sum;
  }
}

}  // namespace

AISP_VARIANT(one_accumulator, .about = "one running sum");
