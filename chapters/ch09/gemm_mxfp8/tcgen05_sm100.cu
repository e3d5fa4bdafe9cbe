// The tensor cores of Blackwell multiply numbers of eight bits with their scales (tcgen05.mma, kind mxf8f6f4, a scale
// for 32); numbers stay as they are from memory to the multipliers. See ../block_scaled_tcgen05.hpp. Expected: several
// times the baseline. What binds it: the tensor cores, and the latency of a tile's beginning and end, which nothing
// hides yet. Built for Blackwell only, and not yet run on one.
#include "../block_scaled_tcgen05.hpp"

AISP_VARIANT(block_scaled::Product<block_scaled::Mxfp8>, .about = "tcgen05, block scales in tensor memory (Blackwell)");
