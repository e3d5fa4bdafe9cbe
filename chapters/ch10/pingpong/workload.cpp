// Matrix product of BF16 matrices with few columns: a tile's sums are short, and its way out weighs much.
#include "../../ch09/gemm_workload.hpp"

AISP_WORKLOAD(w) {
  w.about("Matrix product in BF16 with short sums, C = A·Bᵀ");
  gemm::product(w, {.light = 256, .full = 1024, .held_out = {8, 800, 8}, .edges = {8, 328}});
}
