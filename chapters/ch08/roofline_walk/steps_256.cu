// All 256 steps while an element is in a register: 128 FLOPs per byte, far out on the flat part of the roof. Bytes are
// a quarter of those of 64 steps and the time is nearly the same. What binds it: multiply-adds.
#include "walk.hpp"

AISP_VARIANT(ch08::walk_in_passes<256>, .about = "256 steps a pass: 128 FLOP/byte");
