// Baseline: a warp per row, one accumulator a lane, one load an iteration; the pragma keeps the loop as it is written.
// A lane has one load under way and adds it before it asks for the next. What binds it: the latency of memory, over as
// many loads as there are threads.
#include "warp_rows.hpp"

namespace {

__global__ void __launch_bounds__(ch08::row_threads)
    rolled(const float* __restrict__ x, float* __restrict__ y, std::int64_t rows, std::int64_t cols) {
  const auto [i, lane] = ch08::row_of_warp();
  if (i >= rows) return;  // the whole warp
  const float* row = x + i * cols;
  float sum = 0;
#pragma unroll 1
  for (std::int64_t j = lane; j < cols; j += 32) sum += row[j];
  sum = ch08::sum_of_warp(sum);
  if (lane == 0) y[i] = sum;
}

void run(aisp::Slot slot, aisp::Matrix<const float> x, aisp::Vector<float> y) {
  rolled<<<ch08::row_blocks(x.dim(0)), ch08::row_threads, 0, aisp::stream(slot)>>>(x.data, y.data, x.dim(0), x.dim(1));
}

}  // namespace

AISP_VARIANT(run, .about = "one accumulator a lane");
