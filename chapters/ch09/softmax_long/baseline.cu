// Baseline: a warp per row in three passes: maximum, sum of exponentials, and the exponentials once more, scaled.
// Accesses are coalesced, one element a lane. What binds it: latency, as 64 bytes a warp are few under way, and then
// memory bandwidth for four streams where two would do.
#include "../softmax_three_pass.hpp"

namespace {

void three_pass(aisp::Slot slot, aisp::Matrix<const __nv_bfloat16> x, aisp::Matrix<__nv_bfloat16> y) {
  ch09::softmax_three_pass(aisp::stream(slot), x, y);
}

}  // namespace

AISP_VARIANT(three_pass, .about = "a warp per row, three passes");
