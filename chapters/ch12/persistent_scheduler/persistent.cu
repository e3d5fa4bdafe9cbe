// Persistent: one kernel, a block on every multiprocessor, interprets the program. A block draws the next task from a
// counter, waits until the flag of the task that it needs is raised, works, and raises its own. Tasks are drawn in
// order and need only earlier ones, which a running block has already drawn, so nobody waits for ever.
// Expected: 10 times the baseline and more. What binds it: the longest chain of tasks that need each other, and about a
// microsecond for a flag to be seen.
#include <cuda/atomic>

#include "task.hpp"

namespace {

using namespace ch12;
using Flag = cuda::atomic_ref<int, cuda::thread_scope_device>;

// `drawn`: tasks that have been handed out; `done`: a flag for each. All zero at the start.
__global__ void __launch_bounds__(kTaskThreads) interpret(Program p, int* drawn, int* done) {
  __shared__ int next;
  for (;;) {
    if (threadIdx.x == 0) {
      const int t = next = atomicAdd(drawn, 1);
      const int from = t < p.tasks ? t - p.back[t] : -1;
      if (from >= 0)
        while (!Flag(done[from]).load(cuda::memory_order_acquire)) __nanosleep(20);
    }
    __syncthreads();  // after thread 0 has seen the flag, all see the row behind it
    const int t = next;
    if (t >= p.tasks) return;
    execute(p, t);
    __syncthreads();  // the row is complete, and everyone has read `next`
    if (threadIdx.x == 0) Flag(done[t]).store(1, cuda::memory_order_release);
  }
}

class Persistent {
 public:
  explicit Persistent(const aisp::Setup& setup) : counters_(setup.param("tasks") + 1) {}
  void operator()(aisp::Slot slot, aisp::Vector<const std::int32_t> kind, aisp::Vector<const std::int32_t> back,
                  aisp::Matrix<const float> x, aisp::Matrix<float> y) const {
    AISP_CUDA(cudaMemsetAsync(counters_.get(), 0, sizeof(int) * static_cast<std::size_t>(counters_.size()),
                              aisp::stream(slot)));
    interpret<<<aisp::multiprocessors(), kTaskThreads, 0, aisp::stream(slot)>>>(program(kind, back, x, y),
                                                                                counters_.get(), counters_.get() + 1);
  }

 private:
  aisp::DeviceBuffer<int> counters_;  // drawn, then a flag for each task
};

}  // namespace

AISP_VARIANT(Persistent, .about = "one kernel draws tasks and waits for flags");
