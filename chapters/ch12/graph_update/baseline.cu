// Baseline: a graph is captured and instantiated for the buffers of each call, launched once and thrown away.
// Instantiation checks every node, allocates and lays out what the device needs: far more than launching its kernels
// one by one. What binds it: the host.
#include <aisp/cuda/graph.hpp>

#include "../heat.hpp"

namespace {

class Instantiated {
 public:
  explicit Instantiated(const aisp::Setup& setup) : scratch_(2 * setup.param("n")) {}
  void operator()(aisp::Slot slot, aisp::Vector<const float> x, aisp::Vector<const float> rates,
                  aisp::Vector<float> y) const {
    const aisp::cuda::Graph graph(
        [&](cudaStream_t stream) { ch12::launch_sweeps(stream, x, rates, y, scratch_.get()); });
    const aisp::cuda::GraphExec exec(graph);
    exec.launch(aisp::stream(slot));
    AISP_CUDA(cudaStreamSynchronize(aisp::stream(slot)));
  }

 private:
  aisp::DeviceBuffer<float> scratch_;
};

}  // namespace

AISP_VARIANT(Instantiated, .about = "captured and instantiated for every call");
