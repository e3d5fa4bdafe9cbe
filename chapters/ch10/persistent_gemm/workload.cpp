// Matrix product of BF16 matrices that do not fit the second cache level together: which tiles are worked on at the
// same time decides how often they are fetched.
#include "../../ch09/gemm_workload.hpp"

AISP_WORKLOAD(w) {
  w.about("Matrix product in BF16, tiles in different orders");
  gemm::product(w, {.light = 512, .full = 4096, .held_out = {8, 800, 8}, .edges = {8, 328}});
}
