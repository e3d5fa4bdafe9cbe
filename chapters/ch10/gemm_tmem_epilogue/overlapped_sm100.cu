// Two accumulators, which fill tensor memory: while four warps take one tile out, the tensor cores work on the next one
// in the other. No register of theirs is needed for that, which is what tensor memory is for. Expected: the way out
// costs nothing until it takes longer than the products. What binds it: the tensor cores. Built for Blackwell only, and
// not yet run on one.
#include "finish.hpp"

AISP_VARIANT(tmem_epilogue::Layer<2>, .about = "two accumulators: products beside the way out (Blackwell)");
