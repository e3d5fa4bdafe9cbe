// Matrix product of BF16 matrices, the work that tensor cores are for.
#include "../gemm_workload.hpp"

AISP_WORKLOAD(w) {
  w.about("Matrix product in BF16, C = A·Bᵀ");
  gemm::product(w, {.light = 512, .full = 8192, .held_out = {8, 800, 8}, .edges = {8, 328}});
}
