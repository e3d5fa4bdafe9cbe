// 4 x 4 outputs a thread: eight values from shared memory, in two loads of 16 bytes, feed sixteen multiply-adds. The
// block's tile grows to 64 x 64 with them, so each value also crosses from global memory half as often.
// Expected: twice the baseline or more. What binds it: loads from shared memory, close to multiply-adds.
#include "shared_tiles.hpp"

namespace {

void tile_4x4(aisp::Slot slot, aisp::Matrix<const float> a, aisp::Matrix<const float> b, aisp::Matrix<float> c) {
  ch08::multiply<64, 16, 4>(aisp::stream(slot), a, b, c);
}

}  // namespace

AISP_VARIANT(tile_4x4, .about = "4x4: sixteen outputs a thread");
