// 64 steps while an element is in a register: 32 FLOPs per byte. Expected: close to `steps_256`.
// What binds it: multiply-adds.
#include "walk_lanes.hpp"

namespace {

AISP_SIMD void walk(aisp::Vector<const float> x, aisp::Vector<float> y) { ch08::walk_in_passes<64>(x, y); }

}  // namespace

AISP_VARIANT(walk, .about = "64 steps a pass: 32 FLOP/byte");
