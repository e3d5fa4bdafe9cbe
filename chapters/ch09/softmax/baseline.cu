// Baseline: a warp per row in three passes: maximum, sum of exponentials, and the exponentials once more, scaled.
// Accesses are coalesced, 4 bytes a lane. What binds it: memory bandwidth; rows of all warps under way are larger than
// the caches, so each pass reads from memory again: four streams where two would do.
#include "../softmax_three_pass.hpp"

namespace {

void three_pass(aisp::Slot slot, aisp::Matrix<const float> x, aisp::Matrix<float> y) {
  ch09::softmax_three_pass(aisp::stream(slot), x, y);
}

}  // namespace

AISP_VARIANT(three_pass, .about = "a warp per row, three passes");
