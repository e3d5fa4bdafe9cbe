// Captured: the baseline's stream recorded as a graph, with its order: each copy is a node that waits for the one
// before. One launch hands over all of them, and the device goes from node to node by itself. What binds it: the
// latency from the end of a copy to the start of the next.
#include <aisp/cuda/graph.hpp>

#include <vector>

namespace {

class Captured {
 public:
  explicit Captured(const aisp::Setup& setup) : graphs_(static_cast<std::size_t>(setup.max_slots())) {}
  void bind(aisp::Slot slot, aisp::Matrix<const float> x, aisp::Matrix<float> y) {
    const auto pieces = x.dim(0), length = x.dim(1);
    const aisp::cuda::Graph graph([&](cudaStream_t stream) {
      for (std::int64_t p = 0; p < pieces; ++p)
        AISP_CUDA(cudaMemcpyAsync(y.data + p * length, x.data + (pieces - 1 - p) * length,
                                  sizeof(float) * static_cast<std::size_t>(length), cudaMemcpyDeviceToDevice, stream));
    });
    auto& exec = graphs_[static_cast<std::size_t>(slot.index)] = aisp::cuda::GraphExec(graph);
    exec.upload(aisp::stream(slot));
  }
  void operator()(aisp::Slot slot, aisp::Matrix<const float>, aisp::Matrix<float>) const {
    graphs_[static_cast<std::size_t>(slot.index)].launch(aisp::stream(slot));
  }

 private:
  std::vector<aisp::cuda::GraphExec> graphs_;  // one for each slot
};

}  // namespace

AISP_VARIANT(Captured, .about = "the stream of copies as a graph, in its order");
