// A work queue: the same warps, but each draws its next task from a counter in memory when it has finished one. One
// lane adds, the others hear the result; the addition takes place in the second cache level and costs less than
// a microsecond, which the other warps of the multiprocessor fill. Expected: 2 to 3 times the baseline. What binds it:
// memory bandwidth, then the longest task that is drawn last.
#include "warp_smooth.hpp"

namespace {

using namespace ch12;

__global__ void __launch_bounds__(kThreads)
    smooth_drawn(const float* __restrict__ values, const std::int32_t* __restrict__ offsets, float* __restrict__ y,
                 std::int64_t tasks, unsigned* drawn) {
  for (;;) {
    unsigned task = 0;
    if (threadIdx.x % 32 == 0) task = atomicAdd(drawn, 1u);
    task = __shfl_sync(0xffffffffu, task, 0);
    if (task >= tasks) return;
    smooth_by_warp(values, offsets, y, task);
  }
}

class Queue {
 public:
  explicit Queue(const aisp::Setup&) : drawn_(1) {}
  void operator()(aisp::Slot slot, aisp::Vector<const float> values, aisp::Vector<const std::int32_t> offsets,
                  aisp::Vector<float> y) const {
    AISP_CUDA(cudaMemsetAsync(drawn_.get(), 0, sizeof(unsigned), aisp::stream(slot)));
    smooth_drawn<<<kBlocksPerMultiprocessor * aisp::multiprocessors(), kThreads, 0, aisp::stream(slot)>>>(
        values.data, offsets.data, y.data, y.size(), drawn_.get());
  }

 private:
  aisp::DeviceBuffer<unsigned> drawn_;  // tasks that have been handed out
};

}  // namespace

AISP_VARIANT(Queue, .about = "warps draw tasks from an atomic counter");
