// Dynamic parallelism: the device launches its own next pass. Behind each pass a kernel of one thread reads the flag
// and, when it is set, tail-launches the pass and itself: what a kernel tail-launches starts when it has ended, in
// order, and the stream goes on when all of that has ended (CUDA programming guide, "CUDA Dynamic Parallelism").
// Effect: no way to the host and back. When not to: a launch from the device costs several µs, more than a conditional
// node's repetition, so it pays where only the device knows what to launch, not where it launches the same again; see
// `while_node` beside it. What binds it: the passes, and the launches between them.
#include "../graph_conditional/jump.hpp"

namespace {

using namespace ch12;

__global__ void next_pass(std::int32_t* parent, std::int64_t n, int* changed) {
  if (*changed == 0) return;
  *changed = 0;
  const auto blocks = static_cast<unsigned>((n + kJumpThreads - 1) / kJumpThreads);
  jump<<<blocks, kJumpThreads, 0, cudaStreamTailLaunch>>>(parent, n, changed);
  next_pass<<<1, 1, 0, cudaStreamTailLaunch>>>(parent, n, changed);
}

class TailLaunch {
 public:
  explicit TailLaunch(const aisp::Setup&) : changed_(1) {
    AISP_CUDA(cudaMemset(changed_.get(), 0, sizeof(int)));  // every call leaves it so
  }
  void operator()(aisp::Slot slot, aisp::Vector<const std::int32_t> step, aisp::Vector<std::int32_t> root) const {
    const auto stream = aisp::stream(slot);
    const auto n = root.size();
    const auto blocks = aisp::blocks(n, kJumpThreads);
    point_back<<<blocks, kJumpThreads, 0, stream>>>(step.data, root.data, n);
    jump<<<blocks, kJumpThreads, 0, stream>>>(root.data, n, changed_.get());
    next_pass<<<1, 1, 0, stream>>>(root.data, n, changed_.get());
  }

 private:
  aisp::DeviceBuffer<int> changed_;
};

}  // namespace

AISP_VARIANT(TailLaunch, .about = "each pass launched from the device behind the last");
