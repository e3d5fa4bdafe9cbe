// Baseline: a branch for each of the three cases.
// The compiler must keep the branches: computing a case that was not taken could raise a floating-point exception that
// the program never asked for. On random data the predictor is wrong about every other time.
// What binds it: mispredicted branches, some 15 cycles each.
#include <aisp/variant.hpp>

namespace {

constexpr float kThreshold = 0.5f;

void branches(aisp::Vector<const float> x, aisp::Vector<float> y) {
  for (std::int64_t i = 0; i < x.size(); ++i) {
    const float v = x[i];
    if (v > kThreshold)
      y[i] = 3.0f * (v - kThreshold);
    else if (v < -kThreshold)
      y[i] = 0.25f * (v + kThreshold);
    else
      y[i] = 0.5f * v;
  }
}

}  // namespace

AISP_VARIANT(branches, .about = "a branch for each case");
