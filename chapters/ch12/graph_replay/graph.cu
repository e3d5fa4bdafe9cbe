// Graph: the same launches are captured once, when a slot's addresses are known, and a call is one launch of the whole
// chain. The device goes from node to node by itself; arguments, grid sizes and order have been checked and uploaded
// before. Expected: 1.5 to 3 times the baseline. What binds it: the latency from the end of a kernel to the start of
// the next, about a microsecond.
#include <aisp/cuda/graph.hpp>

#include "../heat.hpp"

#include <vector>

namespace {

class Replayed {
 public:
  explicit Replayed(const aisp::Setup& setup)
      : scratch_(2 * setup.param("n")), graphs_(static_cast<std::size_t>(setup.max_slots())) {}
  void bind(aisp::Slot slot, aisp::Vector<const float> x, aisp::Vector<const float> rates, aisp::Vector<float> y) {
    const aisp::cuda::Graph graph(
        [&](cudaStream_t stream) { ch12::launch_sweeps(stream, x, rates, y, scratch_.get()); });
    auto& exec = graphs_[static_cast<std::size_t>(slot.index)] = aisp::cuda::GraphExec(graph);
    exec.upload(aisp::stream(slot));
  }
  void operator()(aisp::Slot slot, aisp::Vector<const float>, aisp::Vector<const float>, aisp::Vector<float>) const {
    graphs_[static_cast<std::size_t>(slot.index)].launch(aisp::stream(slot));
  }

 private:
  aisp::DeviceBuffer<float> scratch_;
  std::vector<aisp::cuda::GraphExec> graphs_;  // one for each slot
};

}  // namespace

AISP_VARIANT(Replayed, .about = "the chain captured into a graph");
