// location.graph_capture_cheat: a graph that copies an answer saved when it was captured, or one without work.
// Yields nothing: inputs are drawn after the capture, and the census counts what a launch does.
#include "../attack_cuda.hpp"

#include <vector>

namespace {
using namespace attacks;

struct Graph {
  explicit Graph(const aisp::Setup& setup) : graphs(static_cast<std::size_t>(setup.max_slots())) {}
  template <class Body> void capture(aisp::Slot slot, Body&& body) {
    cudaGraph_t graph;
    AISP_CUDA(cudaStreamBeginCapture(aisp::stream(slot), cudaStreamCaptureModeThreadLocal));
    body();
    AISP_CUDA(cudaStreamEndCapture(aisp::stream(slot), &graph));
    AISP_CUDA(cudaGraphInstantiate(&graphs[static_cast<std::size_t>(slot.index)], graph, 0));
  }
  void operator()(aisp::Slot slot, In, Out) const {
    AISP_CUDA(cudaGraphLaunch(graphs[static_cast<std::size_t>(slot.index)], aisp::stream(slot)));
  }
  std::vector<cudaGraphExec_t> graphs;
};

struct twin : Graph {
  using Graph::Graph;
  void bind(aisp::Slot slot, In x, Out y) {
    capture(slot, [&] { launch(x, y, aisp::stream(slot)); });
  }
  void operator()(aisp::Slot slot, In x, Out y) const { Graph::operator()(slot, x, y); }
};
struct saved_answer : Graph {
  using Graph::Graph;
  void bind(aisp::Slot slot, In x, Out y) {
    saved.emplace_back(x.size());
    launch(x, {saved.back().get(), {x.size()}}, aisp::stream(slot));
    AISP_CUDA(cudaStreamSynchronize(aisp::stream(slot)));
    capture(slot, [&] {
      AISP_CUDA(cudaMemcpyAsync(y.data, saved.back().get(), bytes_of(x), cudaMemcpyDeviceToDevice, aisp::stream(slot)));
    });
  }
  void operator()(aisp::Slot slot, In x, Out y) const { Graph::operator()(slot, x, y); }
  std::vector<aisp::DeviceBuffer<float>> saved;
};
struct empty_graph : Graph {
  using Graph::Graph;
  void bind(aisp::Slot slot, In, Out) {
    capture(slot, [] {});
  }
  void operator()(aisp::Slot slot, In x, Out y) const { Graph::operator()(slot, x, y); }
};

}  // namespace

TWIN(twin);
ATTACK(saved_answer);
ATTACK(empty_graph);
