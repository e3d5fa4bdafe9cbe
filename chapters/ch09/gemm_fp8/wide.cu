// Wide: the baseline with tiles of 128 × 192, as wide as the registers of both accumulators let them be. A byte from
// the L2 is used for more products, but it still sends 9 TB/s on an H200, all it has. What binds it: the L2.
#include "fp8.hpp"

AISP_VARIANT(gemm::PromotedProduct<192>, .about = "128 × 192 tiles");
