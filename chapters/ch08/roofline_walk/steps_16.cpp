// 16 steps while an element is in a register: 8 FLOPs per byte. Expected: more than `steps_4`, less than in proportion:
// the ridge is near. What binds it: multiply-adds.
#include "walk_lanes.hpp"

namespace {

AISP_SIMD void walk(aisp::Vector<const float> x, aisp::Vector<float> y) { ch08::walk_in_passes<16>(x, y); }

}  // namespace

AISP_VARIANT(walk, .about = "16 steps a pass: 8 FLOP/byte");
