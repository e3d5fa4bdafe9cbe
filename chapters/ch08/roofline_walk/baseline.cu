// Baseline: a pass over the vector for each step, as a simulation does that is written step by step: half a FLOP per
// byte. What binds it: memory bandwidth, 256 times.
#include "walk.hpp"

AISP_VARIANT(ch08::walk_in_passes<1>, .about = "a step a pass: 0.5 FLOP/byte");
