// Update of two nodes: only the first sweep knows x and only the last knows y, so only these get new arguments
// (cudaGraphExecKernelNodeSetParams). Nothing is captured and nothing compared. Expected: 3 to 10 times the baseline.
// What binds it: the chain itself on the device, and waiting for it.
#include <aisp/cuda/graph.hpp>

#include "../heat.hpp"

namespace {

using namespace ch12;

class TwoNodes {
 public:
  explicit TwoNodes(const aisp::Setup& setup) : scratch_(2 * setup.param("n")) {}
  void bind(aisp::Slot slot, aisp::Vector<const float> x, aisp::Vector<const float> rates, aisp::Vector<float> y) {
    if (exec_.get()) return;  // one graph for all slots
    const auto n = y.size(), sweeps = rates.size();
    for (std::int64_t s = 0; s < sweeps; ++s) {
      const auto node = aisp::cuda::add_kernel(graph_.get(), {&last_, s > 0 ? 1u : 0u}, aisp::blocks(n, kSweepThreads),
                                               kSweepThreads, sweep, from(s, x), rates.data + s, to(s, sweeps, y), n);
      if (s == 0) first_ = node;
      last_ = node;
    }
    exec_ = aisp::cuda::GraphExec(graph_);
    exec_.upload(aisp::stream(slot));
  }
  void operator()(aisp::Slot slot, aisp::Vector<const float> x, aisp::Vector<const float> rates,
                  aisp::Vector<float> y) const {
    const auto n = y.size(), sweeps = rates.size();
    const auto set = [&](cudaGraphNode_t node, std::int64_t s) {
      aisp::cuda::set_kernel(exec_, node, aisp::blocks(n, kSweepThreads), kSweepThreads, sweep, from(s, x),
                             rates.data + s, to(s, sweeps, y), n);
    };
    set(first_, 0);
    if (sweeps > 1) set(last_, sweeps - 1);
    exec_.launch(aisp::stream(slot));
    AISP_CUDA(cudaStreamSynchronize(aisp::stream(slot)));
  }

 private:
  // Where sweep s reads and writes: the buffers of launch_sweeps.
  const float* from(std::int64_t s, aisp::Vector<const float> x) const {
    return s == 0 ? x.data : scratch_.get() + (s - 1) % 2 * x.size();
  }
  float* to(std::int64_t s, std::int64_t sweeps, aisp::Vector<float> y) const {
    return s + 1 == sweeps ? y.data : scratch_.get() + s % 2 * y.size();
  }

  aisp::DeviceBuffer<float> scratch_;
  aisp::cuda::Graph graph_;
  aisp::cuda::GraphExec exec_;
  cudaGraphNode_t first_ = nullptr, last_ = nullptr;
};

}  // namespace

AISP_VARIANT(TwoNodes, .about = "one graph, two nodes get new arguments");
