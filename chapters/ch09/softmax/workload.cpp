// Softmax of each row of a matrix: y = exp(x − max x) / Σ exp(x − max x).
#include "../softmax_workload.hpp"

AISP_WORKLOAD(w) {
  w.about("Softmax of each row of a matrix");
  const auto rows = w.param("rows", {.light = 512, .full = 8192, .held_out = {1, 700}, .edges = {1}});
  const auto cols = w.param("cols", {.light = 2048, .full = 8192, .held_out = {1, 3000}, .edges = {1, 31}});
  ch09::softmax(w, f32, rows, cols, cols);
}
