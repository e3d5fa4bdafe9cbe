// Baseline: a static split. The machine is filled with warps once, and each gets an equal number of neighbouring tasks,
// decided before the work is seen. Equal numbers are not equal amounts: the warps whose tasks are long go on when most
// have finished, too few to keep the memory busy. What binds it: the slowest warp.
#include "warp_smooth.hpp"

namespace {

using namespace ch12;

__global__ void __launch_bounds__(kThreads)
    smooth_share(const float* __restrict__ values, const std::int32_t* __restrict__ offsets, float* __restrict__ y,
                 std::int64_t tasks) {
  const auto warps = std::int64_t{gridDim.x} * kWarps, warp = std::int64_t{blockIdx.x} * kWarps + threadIdx.x / 32;
  const auto first = warp * tasks / warps, last = (warp + 1) * tasks / warps;
  for (auto t = first; t < last; ++t) smooth_by_warp(values, offsets, y, t);
}

void run(aisp::Slot slot, aisp::Vector<const float> values, aisp::Vector<const std::int32_t> offsets,
         aisp::Vector<float> y) {
  smooth_share<<<kBlocksPerMultiprocessor * aisp::multiprocessors(), kThreads, 0, aisp::stream(slot)>>>(
      values.data, offsets.data, y.data, y.size());
}

}  // namespace

AISP_VARIANT(run, .about = "an equal number of tasks to each warp");
