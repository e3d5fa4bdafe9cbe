// 64 steps while an element is in a register: 32 FLOPs per byte, beyond the ridge. Expected: some 25 times the
// baseline; a pass now takes longer than its bytes do. What binds it: multiply-adds.
#include "walk.hpp"

AISP_VARIANT(ch08::walk_in_passes<64>, .about = "64 steps a pass: 32 FLOP/byte");
