// Baseline: a pass over the vector for each step, as a simulation does that is written step by step: half a FLOP per
// byte. What binds it: the bandwidth of the cache or memory that holds the vector, 256 times.
#include "walk_lanes.hpp"

namespace {

AISP_SIMD void walk(aisp::Vector<const float> x, aisp::Vector<float> y) { ch08::walk_in_passes<1>(x, y); }

}  // namespace

AISP_VARIANT(walk, .about = "a step a pass: 0.5 FLOP/byte");
