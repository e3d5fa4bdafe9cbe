// 32 x 8: as many threads a block, as many blocks, the same occupancy; but a warp is one row, and its loads touch one
// or two lines. Expected: somewhat faster than the baseline at equal occupancy. What binds it: loads from the first
// cache level, 25 an output.
#include "blur.hpp"

namespace {

void run(aisp::Slot slot, aisp::Matrix<const float> x, aisp::Matrix<float> y) {
  ch08::blur_with<32, 8, 1, 8>(slot, x, y);
}

}  // namespace

AISP_VARIANT(run, .about = "32 x 8 threads, one output each, full occupancy");
