// Baseline: tiles of 32 x 32 through shared memory, one output a thread. Each multiply-add needs two values from shared
// memory. What binds it: loads from shared memory, two for one multiply-add.
#include "shared_tiles.hpp"

namespace {

void tile_1x1(aisp::Slot slot, aisp::Matrix<const float> a, aisp::Matrix<const float> b, aisp::Matrix<float> c) {
  ch08::multiply<32, 32, 1>(aisp::stream(slot), a, b, c);
}

}  // namespace

AISP_VARIANT(tile_1x1, .about = "1x1: one output a thread");
