// Baseline: the pipeline of gemm_bf16's `persistent` with tiles of 128 × 128, of which two warpgroups have 64 rows
// each. What binds it: a warpgroup that adds to its sums does not multiply, and the tensor cores do not always have the
// other one; and shared memory, which at their full rate would have to move 160 bytes a cycle, and has 128.
#include "fp8.hpp"

AISP_VARIANT(gemm::PromotedProduct<128>, .about = "128 × 128 tiles, sums promoted to FP32 between multiplications");
