// 8 x 8 outputs a thread: sixteen values, in four loads of 16 bytes, feed 64 multiply-adds that do not wait for each
// other. Blocks have two warps then; a matrix of 1024 gives a multiprocessor two of them. On an H200: 1.7 times the
// baseline, where 4 x 4 reaches 2.9; better only when the matrix has enough tiles. What binds it: the latency of
// fetching the tiles, with so few warps, and then multiply-adds.
#include "shared_tiles.hpp"

namespace {

void tile_8x8(aisp::Slot slot, aisp::Matrix<const float> a, aisp::Matrix<const float> b, aisp::Matrix<float> c) {
  ch08::multiply<64, 16, 8>(aisp::stream(slot), a, b, c);
}

}  // namespace

AISP_VARIANT(tile_8x8, .about = "8x8: 64 outputs a thread");
