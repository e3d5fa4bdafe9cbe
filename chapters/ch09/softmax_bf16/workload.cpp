// Softmax of each row of a matrix in bfloat16, computed in float: y = exp(x − max x) / Σ exp(x − max x).
#include "../softmax_workload.hpp"

AISP_WORKLOAD(w) {
  w.about("Softmax of each row of a bfloat16 matrix");
  const auto rows = w.param("rows", {.light = 512, .full = 16384, .held_out = {1, 700}, .edges = {1}});
  const auto cols =
      w.param("cols", {.light = 2048, .full = 8192, .held_out = {1, 9000}, .edges = {1, 31, 255, 8200, 8201}});
  ch09::softmax(w, bf16, rows, cols, cols / 32 + 5);  // a warp a row, at least, and its fold
}
