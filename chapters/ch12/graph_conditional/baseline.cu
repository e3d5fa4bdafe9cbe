// Baseline: the host decides. After every pass it fetches the flag, waits for it, and launches the next pass if it is
// set; meanwhile the device has nothing to do. What binds it: the way to the host and back, some 10 µs a pass.
#include "jump.hpp"

namespace {

using namespace ch12;

class HostLoop {
 public:
  explicit HostLoop(const aisp::Setup&) : changed_(1) {
    AISP_CUDA(cudaHostAlloc(&seen_, sizeof *seen_, cudaHostAllocDefault));
  }
  HostLoop(const HostLoop&) = delete;
  ~HostLoop() { cudaFreeHost(seen_); }
  void operator()(aisp::Slot slot, aisp::Vector<const std::int32_t> step, aisp::Vector<std::int32_t> root) const {
    const auto stream = aisp::stream(slot);
    const auto n = root.size();
    point_back<<<aisp::blocks(n, kJumpThreads), kJumpThreads, 0, stream>>>(step.data, root.data, n);
    do {
      AISP_CUDA(cudaMemsetAsync(changed_.get(), 0, sizeof(int), stream));
      jump<<<aisp::blocks(n, kJumpThreads), kJumpThreads, 0, stream>>>(root.data, n, changed_.get());
      AISP_CUDA(cudaMemcpyAsync(seen_, changed_.get(), sizeof(int), cudaMemcpyDeviceToHost, stream));
      AISP_CUDA(cudaStreamSynchronize(stream));
    } while (*seen_ != 0);
  }

 private:
  aisp::DeviceBuffer<int> changed_;
  int* seen_ = nullptr;
};

}  // namespace

AISP_VARIANT(HostLoop, .about = "the host fetches the flag after every pass");
