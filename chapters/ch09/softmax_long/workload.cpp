// Softmax of long rows, as over a vocabulary: 131072 columns of bfloat16 are 256 KiB, more than a multiprocessor keeps.
#include "../softmax_workload.hpp"

AISP_WORKLOAD(w) {
  w.about("Softmax of rows of 131072 bfloat16");
  const auto rows = w.param("rows", {.light = 8, .full = 4096, .held_out = {1, 20}, .edges = {1}});
  const auto cols = w.param(
      "cols", {.light = 131072, .full = 131072, .held_out = {1, 150'000}, .edges = {1, 17, 32769, 65544, 131079}});
  ch09::softmax(w, bf16, rows, cols, cols / 32 + 5);  // a warp a row, at least, and its fold
}
