// Four steps while an element is in a register: 2 FLOPs per byte. Expected: up to four times the baseline.
// What binds it: bandwidth, close to the latency of multiply-adds.
#include "walk_lanes.hpp"

namespace {

AISP_SIMD void walk(aisp::Vector<const float> x, aisp::Vector<float> y) { ch08::walk_in_passes<4>(x, y); }

}  // namespace

AISP_VARIANT(walk, .about = "4 steps a pass: 2 FLOP/byte");
