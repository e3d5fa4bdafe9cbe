// Baseline: the data is copied from pinned host memory to a buffer on the device, and then the kernel runs. For a small
// vector the copy is mostly its own start and end; the kernel waits for both. What binds it: the latency of two steps.
#include "../pinned.hpp"
#include "scale.hpp"

namespace {

class Copied {
 public:
  explicit Copied(const aisp::Setup& setup) : host_(setup.param("n")), device_(setup.param("n")) {}
  void operator()(aisp::Slot slot, aisp::Vector<const float> x, aisp::Vector<float> y) const {
    const auto stream = aisp::stream(slot);
    AISP_CUDA(cudaMemcpyAsync(host_.get(), x.data, host_.bytes(), cudaMemcpyDeviceToHost, stream));
    AISP_CUDA(cudaMemcpyAsync(device_.get(), host_.get(), host_.bytes(), cudaMemcpyHostToDevice, stream));
    zero_copy::launch_scale(stream, device_.get(), y.data, y.size());
  }

 private:
  ch02::Pinned host_;
  aisp::DeviceBuffer<float> device_;
};

}  // namespace

AISP_VARIANT(Copied, .about = "copy to the device, then the kernel");
