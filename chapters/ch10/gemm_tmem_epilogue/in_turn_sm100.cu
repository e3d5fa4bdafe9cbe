// One accumulator in tensor memory: four warps add the bias, activate and store, and the tensor cores wait for them
// before they begin the next tile. What binds it: products and way out, one after the other. Built for Blackwell only,
// and not yet run on one.
#include "finish.hpp"

AISP_VARIANT(tmem_epilogue::Layer<1>, .about = "one accumulator: products, then the way out (Blackwell)");
