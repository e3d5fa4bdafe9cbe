// Baseline: a warp for each row. The block scheduler hands out rows as places become free, the longest first, which is
// the best order; still the first row keeps one warp busy long after the last has ended. What binds it: the loads of
// one warp, the latency of memory over a few of them in flight.
#include "warp_sum.hpp"

namespace {

using namespace ch12;

__global__ void __launch_bounds__(kSumThreads)
    sum_rows(const float* __restrict__ values, const std::int32_t* __restrict__ offsets, float* __restrict__ y,
             std::int64_t rows) {
  const auto r = std::int64_t{blockIdx.x} * kSumWarps + threadIdx.x / 32;
  if (r >= rows) return;
  const float sum = sum_by_warp(values, offsets[r], offsets[r + 1]);
  if (threadIdx.x % 32 == 0) y[r] = sum;
}

void run(aisp::Slot slot, aisp::Vector<const float> values, aisp::Vector<const std::int32_t> offsets,
         aisp::Vector<float> y) {
  sum_rows<<<aisp::blocks(y.size(), kSumWarps), kSumThreads, 0, aisp::stream(slot)>>>(values.data, offsets.data, y.data,
                                                                                      y.size());
}

}  // namespace

AISP_VARIANT(run, .about = "a warp for each row");
