// Four steps while an element is in a register: 2 FLOPs per byte. Expected: four times the baseline, in the time that a
// quarter of the passes takes. What binds it: memory bandwidth.
#include "walk.hpp"

AISP_VARIANT(ch08::walk_in_passes<4>, .about = "4 steps a pass: 2 FLOP/byte");
