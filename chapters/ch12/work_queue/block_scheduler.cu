// The hardware's queue: as many warps as tasks, eight a block. A multiprocessor that has finished a block gets the
// next, so the block scheduler balances the load without a counter, in units of a block: its place is free only when
// the longest of its eight tasks has ended. Expected: close to `queue`, which also serves where starting a block is
// expensive or a warp keeps something between its tasks. What binds it: the same, and the start of every block.
#include "warp_smooth.hpp"

namespace {

using namespace ch12;

__global__ void __launch_bounds__(kThreads)
    smooth_own(const float* __restrict__ values, const std::int32_t* __restrict__ offsets, float* __restrict__ y,
               std::int64_t tasks) {
  const auto task = std::int64_t{blockIdx.x} * kWarps + threadIdx.x / 32;
  if (task < tasks) smooth_by_warp(values, offsets, y, task);
}

void run(aisp::Slot slot, aisp::Vector<const float> values, aisp::Vector<const std::int32_t> offsets,
         aisp::Vector<float> y) {
  smooth_own<<<aisp::blocks(y.size(), kWarps), kThreads, 0, aisp::stream(slot)>>>(values.data, offsets.data, y.data,
                                                                                  y.size());
}

}  // namespace

AISP_VARIANT(run, .about = "a warp for each task, blocks scheduled by the hardware");
