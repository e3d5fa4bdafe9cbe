// Baseline: the pipeline of gemm_bf16's `persistent` with tiles of 128 × 128, of which two warpgroups have 64 rows
// each. A warpgroup that adds to its sums does not multiply, but the tensor cores have the other one. What binds it:
// the L2, which must send 64 bytes a cycle to every multiprocessor.
#include "fp8.hpp"

AISP_VARIANT(gemm::PromotedProduct<128>, .about = "128 × 128 tiles, sums promoted to FP32 between multiplications");
