// Baseline: out, in, compute, each for the whole vector, one after the other on one stream; pinned memory, so each copy
// runs at the speed of the link. Two copy engines and the multiprocessors take turns, and two of the three always wait.
// What binds it: the sum of the three.
#include "../iterate.hpp"
#include "../pinned.hpp"

namespace {

class Serial {
 public:
  explicit Serial(const aisp::Setup& setup) : host_(setup.param("n")), device_(setup.param("n")) {}
  void operator()(aisp::Slot slot, aisp::Vector<const float> x, aisp::Vector<float> y) const {
    const auto stream = aisp::stream(slot);
    const auto bytes = sizeof(float) * static_cast<std::size_t>(y.size());
    AISP_CUDA(cudaMemcpyAsync(host_.get(), x.data, bytes, cudaMemcpyDeviceToHost, stream));
    AISP_CUDA(cudaMemcpyAsync(device_.get(), host_.get(), bytes, cudaMemcpyHostToDevice, stream));
    ch11::launch_iterate(stream, device_.get(), y.data, y.size());
  }

 private:
  ch11::Pinned host_;
  aisp::DeviceBuffer<float> device_;
};

}  // namespace

AISP_VARIANT(Serial, .about = "out, in, compute on one stream");
