// Graph: a node for each task, which waits for the one task that it needs. One launch hands over the whole program, and
// the device may run side by side what is ready. Expected: 1.5 to 4 times the baseline. What binds it: the start of a
// node, about a microsecond, over the number of nodes that the device starts at once.
#include <aisp/cuda/graph.hpp>

#include "task.hpp"

#include <vector>

namespace {

class Nodes {
 public:
  explicit Nodes(const aisp::Setup& setup) : graphs_(static_cast<std::size_t>(setup.max_slots())) {}
  void bind(aisp::Slot slot, aisp::Vector<const std::int32_t> kind, aisp::Vector<const std::int32_t> back,
            aisp::Matrix<const float> x, aisp::Matrix<float> y) {
    const auto program = ch12::program(kind, back, x, y);
    std::vector<std::int32_t> needs(static_cast<std::size_t>(program.tasks));  // constants are real in bind
    AISP_CUDA(cudaMemcpy(needs.data(), back.data, needs.size() * sizeof needs[0], cudaMemcpyDeviceToHost));
    const aisp::cuda::Graph graph;
    std::vector<cudaGraphNode_t> nodes;
    for (int t = 0; t < program.tasks; ++t) {
      const int from = t - needs[static_cast<std::size_t>(t)];
      const std::span after(nodes.data() + (from >= 0 ? from : 0), from >= 0 ? 1u : 0u);
      nodes.push_back(aisp::cuda::add_kernel(graph.get(), after, 1, ch12::kTaskThreads, ch12::run_task, program, t));
    }
    auto& exec = graphs_[static_cast<std::size_t>(slot.index)] = aisp::cuda::GraphExec(graph);
    exec.upload(aisp::stream(slot));
  }
  void operator()(aisp::Slot slot, aisp::Vector<const std::int32_t>, aisp::Vector<const std::int32_t>,
                  aisp::Matrix<const float>, aisp::Matrix<float>) const {
    graphs_[static_cast<std::size_t>(slot.index)].launch(aisp::stream(slot));
  }

 private:
  std::vector<aisp::cuda::GraphExec> graphs_;  // one for each slot
};

}  // namespace

AISP_VARIANT(Nodes, .about = "a graph node for each task");
