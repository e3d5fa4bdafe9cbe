// One thread a seed, step by step.
#include "lehmer.cuh"

namespace {

struct Baseline : Walk {
  explicit Baseline(const aisp::Setup& setup) : Walk(setup, 0) {}
  using Walk::operator();
};

}  // namespace

AISP_VARIANT(Baseline, .about = "step by step");
