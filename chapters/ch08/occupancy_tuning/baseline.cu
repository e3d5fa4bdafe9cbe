// Baseline: blocks of 16 x 16, the first choice for anything with two dimensions, one output a thread, full occupancy.
// A warp spans two rows of 16, so each of its 25 loads touches two lines where one would do. What binds it: loads from
// the first cache level.
#include "blur.hpp"

namespace {

void run(aisp::Slot slot, aisp::Matrix<const float> x, aisp::Matrix<float> y) {
  ch08::blur_with<16, 16, 1, 8>(slot, x, y);
}

}  // namespace

AISP_VARIANT(run, .about = "16 x 16 threads, one output each, full occupancy");
