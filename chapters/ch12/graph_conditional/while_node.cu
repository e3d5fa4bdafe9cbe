// Conditional node: the loop is part of the graph. Its body is a pass and a kernel of one thread that sets the
// node's condition from the flag; the device runs the body again as long as it is set. The host launches once and
// need not wait. (A condition that holds at most once is an IF node: the same with another type.) On an H200: 1.2
// times the baseline at full size, 2.2 at the light one. What binds it: the passes, bound by random accesses to the
// second cache level, and a few µs between them.
#include <aisp/cuda/graph.hpp>

#include "jump.hpp"

#include <memory>
#include <vector>

namespace {

using namespace ch12;

__global__ void decide(int* changed, cudaGraphConditionalHandle again) {
  cudaGraphSetConditional(again, *changed != 0);
  *changed = 0;
}

class WhileNode {
  struct Bound {  // the condition's handle belongs to the graph, so that stays
    aisp::cuda::Graph graph;
    aisp::cuda::GraphExec exec;
  };

 public:
  explicit WhileNode(const aisp::Setup& setup) : changed_(1), graphs_(static_cast<std::size_t>(setup.max_slots())) {
    AISP_CUDA(cudaMemset(changed_.get(), 0, sizeof(int)));  // every call leaves it so
  }
  void bind(aisp::Slot slot, aisp::Vector<const std::int32_t> step, aisp::Vector<std::int32_t> root) {
    const auto n = root.size();
    const auto blocks = aisp::blocks(n, kJumpThreads);
    auto& bound = graphs_[static_cast<std::size_t>(slot.index)] = std::make_unique<Bound>();
    const auto& graph = bound->graph;
    const auto pointed =
        aisp::cuda::add_kernel(graph.get(), {}, blocks, kJumpThreads, point_back, step.data, root.data, n);

    cudaGraphConditionalHandle again{};  // 1 when the graph is launched
    AISP_CUDA(cudaGraphConditionalHandleCreate(&again, graph.get(), 1, cudaGraphCondAssignDefault));
    cudaGraphNodeParams loop{};
    loop.type = cudaGraphNodeTypeConditional;
    loop.conditional.handle = again;
    loop.conditional.type = cudaGraphCondTypeWhile;
    loop.conditional.size = 1;
    cudaGraphNode_t node = nullptr;
    AISP_CUDA(cudaGraphAddNode(&node, graph.get(), &pointed, nullptr, 1, &loop));
    const cudaGraph_t body = loop.conditional.phGraph_out[0];
    const auto jumped = aisp::cuda::add_kernel(body, {}, blocks, kJumpThreads, jump, root.data, n, changed_.get());
    aisp::cuda::add_kernel(body, {&jumped, 1}, 1, 1, decide, changed_.get(), again);

    bound->exec = aisp::cuda::GraphExec(graph);
    bound->exec.upload(aisp::stream(slot));
  }
  void operator()(aisp::Slot slot, aisp::Vector<const std::int32_t>, aisp::Vector<std::int32_t>) const {
    graphs_[static_cast<std::size_t>(slot.index)]->exec.launch(aisp::stream(slot));
  }

 private:
  aisp::DeviceBuffer<int> changed_;
  std::vector<std::unique_ptr<Bound>> graphs_;  // one for each slot
};

}  // namespace

AISP_VARIANT(WhileNode, .about = "a WHILE node, its condition set on the device");
