// Unrolled: still a warp per row and 4 bytes a load, but eight loads an iteration, each into an accumulator of its own.
// None waits for another, so a lane has eight loads under way. (nvcc unrolls by four itself when it is not told
// otherwise; it may not split the sum.) Expected: about twice the baseline. What binds it: memory bandwidth.
#include "warp_rows.hpp"

namespace {

constexpr int chains = 8;

__global__ void __launch_bounds__(ch08::row_threads)
    unrolled(const float* __restrict__ x, float* __restrict__ y, std::int64_t rows, std::int64_t cols) {
  const auto [i, lane] = ch08::row_of_warp();
  if (i >= rows) return;  // the whole warp
  const float* row = x + i * cols;
  float sum[chains] = {};
  std::int64_t j = lane;
#pragma unroll 1
  for (; j + (chains - 1) * 32 < cols; j += chains * 32) {
    float v[chains];
#pragma unroll
    for (int c = 0; c < chains; ++c) v[c] = row[j + c * 32];
#pragma unroll
    for (int c = 0; c < chains; ++c) sum[c] += v[c];
  }
  for (; j < cols; j += 32) sum[0] += row[j];
#pragma unroll
  for (int half = chains / 2; half > 0; half /= 2)
#pragma unroll
    for (int c = 0; c < half; ++c) sum[c] += sum[c + half];
  const float total = ch08::sum_of_warp(sum[0]);
  if (lane == 0) y[i] = total;
}

void run(aisp::Slot slot, aisp::Matrix<const float> x, aisp::Vector<float> y) {
  unrolled<<<ch08::row_blocks(x.dim(0)), ch08::row_threads, 0, aisp::stream(slot)>>>(x.data, y.data, x.dim(0),
                                                                                     x.dim(1));
}

}  // namespace

AISP_VARIANT(run, .about = "eight loads under way, eight accumulators");
