// Graph: the baseline's kernels as one graph. It takes away what lies between the kernels, not what they do: every
// stage still moves the vector twice. Expected: no gain at full size, where that is what binds; 1.1 to 1.5 times the
// baseline at the light one. What binds it: as the baseline.
#include <aisp/cuda/graph.hpp>

#include "stages.hpp"

#include <vector>

namespace {

class Replayed {
 public:
  explicit Replayed(const aisp::Setup& setup) : graphs_(static_cast<std::size_t>(setup.max_slots())) {}
  void bind(aisp::Slot slot, aisp::Vector<const float> x, aisp::Vector<const float> scale,
            aisp::Vector<const float> shift, aisp::Vector<float> y) {
    const aisp::cuda::Graph graph([&](cudaStream_t stream) {
      for (int s = 0; s < scale.size(); ++s) ch12::launch_stages(stream, x, scale, shift, y, s, s + 1);
    });
    auto& exec = graphs_[static_cast<std::size_t>(slot.index)] = aisp::cuda::GraphExec(graph);
    exec.upload(aisp::stream(slot));
  }
  void operator()(aisp::Slot slot, aisp::Vector<const float>, aisp::Vector<const float>, aisp::Vector<const float>,
                  aisp::Vector<float>) const {
    graphs_[static_cast<std::size_t>(slot.index)].launch(aisp::stream(slot));
  }

 private:
  std::vector<aisp::cuda::GraphExec> graphs_;  // one for each slot
};

}  // namespace

AISP_VARIANT(Replayed, .about = "the same kernels in a graph");
