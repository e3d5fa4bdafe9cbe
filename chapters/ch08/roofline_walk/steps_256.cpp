// All 256 steps while an element is in a register: 128 FLOPs per byte, on the flat part of the roof wherever the vector
// lies. What binds it: multiply-adds and their latency, which four vectors in turn hide.
#include "walk_lanes.hpp"

namespace {

AISP_SIMD void walk(aisp::Vector<const float> x, aisp::Vector<float> y) { ch08::walk_in_passes<256>(x, y); }

}  // namespace

AISP_VARIANT(walk, .about = "256 steps a pass: 128 FLOP/byte");
