// 16 steps while an element is in a register: 8 FLOPs per byte, under the ridge of the roof. Expected: near sixteen
// times the baseline. What binds it: memory bandwidth, with the arithmetic units half busy.
#include "walk.hpp"

AISP_VARIANT(ch08::walk_in_passes<16>, .about = "16 steps a pass: 8 FLOP/byte");
