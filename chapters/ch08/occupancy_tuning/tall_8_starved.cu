// Eight outputs a thread and full occupancy asked for all the same: 32 registers a thread, half of what tall_8 may
// use. Look at the registers and spills of both and at their times: occupancy is a means. On an H200: as fast as
// tall_8, so neither registers nor occupancy bind here. What binds it: instructions and the first cache level.
#include "blur.hpp"

namespace {

void run(aisp::Slot slot, aisp::Matrix<const float> x, aisp::Matrix<float> y) {
  ch08::blur_with<32, 8, 8, 8>(slot, x, y);
}

}  // namespace

AISP_VARIANT(run, .about = "32 x 8 threads, eight outputs each, 32 registers");
