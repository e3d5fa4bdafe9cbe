// Wide: the baseline with tiles of 128 × 192, as wide as the registers of both accumulators let them be, so that a byte
// is used for more products. On an H200: 0.96 times cuBLASLt at 8192³. What binds it: not the L2, since two blocks that
// shared the rows of B were no faster. At the full rate of the tensor cores shared memory would have to move 136 bytes
// a cycle, and has 128: without any promotion the kernel runs at just that. Promotions cost it 6 % more.
#include "fp8.hpp"

AISP_VARIANT(gemm::PromotedProduct<192>, .about = "128 × 192 tiles");
