// Baseline: the host's buffer is ordinary, pageable memory. The copy engine cannot read pages that the system may move,
// so the driver copies piece by piece through pinned buffers of its own, with a processor, and the call waits
// meanwhile. What binds it: that processor's copy, and its turns with the link.
#include <aisp/cuda.hpp>

#include <vector>

namespace {

class Pageable {
 public:
  explicit Pageable(const aisp::Setup& setup) : host_(static_cast<std::size_t>(setup.param("n"))) {}
  void operator()(aisp::Slot slot, aisp::Vector<const float> x, aisp::Vector<float> y) {
    const auto bytes = host_.size() * sizeof host_[0];
    AISP_CUDA(cudaMemcpyAsync(host_.data(), x.data, bytes, cudaMemcpyDeviceToHost, aisp::stream(slot)));
    AISP_CUDA(cudaMemcpyAsync(y.data, host_.data(), bytes, cudaMemcpyHostToDevice, aisp::stream(slot)));
  }

 private:
  std::vector<float> host_;
};

}  // namespace

AISP_VARIANT(Pageable, .about = "pageable host memory");
