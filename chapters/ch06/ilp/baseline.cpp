// Baseline: one channel after the other. Each step needs the one before, so a multiplication and an addition must
// finish before the next step can start, and the other arithmetic units have nothing to do. What binds it: the latency
// of a multiplication plus an addition (6 to 8 cycles a step).
#include <aisp/variant.hpp>

namespace {

void one_chain(aisp::Matrix<const float> x, aisp::Vector<const float> decay, aisp::Matrix<float> y) {
  const auto steps = x.dim(1);
  for (std::int64_t c = 0; c < x.dim(0); ++c) {
    const float* in = &x(c, 0);
    float* out = &y(c, 0);
    float state = 0;
    for (std::int64_t t = 0; t < steps; ++t) out[t] = state = decay[c] * state + in[t];
  }
}

}  // namespace

AISP_VARIANT(one_chain, .about = "one dependent chain at a time");
