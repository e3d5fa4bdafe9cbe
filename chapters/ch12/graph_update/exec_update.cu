// Update of the whole graph: one instantiated graph is kept. A call captures its launches again, and
// cudaGraphExecUpdate compares them with what is there, node by node, and changes what differs; it refuses when the
// shape of the graph is another. Expected: 1.5 to 3 times the baseline. What binds it: the host, still capturing and
// comparing all nodes.
#include <aisp/cuda/graph.hpp>

#include "../heat.hpp"

namespace {

class Updated {
 public:
  explicit Updated(const aisp::Setup& setup) : scratch_(2 * setup.param("n")) {}
  void bind(aisp::Slot slot, aisp::Vector<const float> x, aisp::Vector<const float> rates, aisp::Vector<float> y) {
    if (exec_.get()) return;  // one graph for all slots
    exec_ = aisp::cuda::GraphExec(capture(x, rates, y));
    exec_.upload(aisp::stream(slot));
  }
  void operator()(aisp::Slot slot, aisp::Vector<const float> x, aisp::Vector<const float> rates,
                  aisp::Vector<float> y) const {
    cudaGraphExecUpdateResultInfo result{};
    AISP_CUDA(cudaGraphExecUpdate(exec_.get(), capture(x, rates, y).get(), &result));
    exec_.launch(aisp::stream(slot));
    AISP_CUDA(cudaStreamSynchronize(aisp::stream(slot)));
  }

 private:
  aisp::cuda::Graph capture(aisp::Vector<const float> x, aisp::Vector<const float> rates, aisp::Vector<float> y) const {
    return aisp::cuda::Graph([&](cudaStream_t stream) { ch12::launch_sweeps(stream, x, rates, y, scratch_.get()); });
  }

  aisp::DeviceBuffer<float> scratch_;
  aisp::cuda::GraphExec exec_;
};

}  // namespace

AISP_VARIANT(Updated, .about = "one graph, updated from a new capture");
