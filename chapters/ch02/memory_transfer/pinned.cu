// Pinned: the host's buffer is page-locked, allocated once. The copy engine reads and writes it directly, in one piece,
// and the call returns at once. Expected: two to five times the baseline. What binds it: the link between host and
// device.
#include "../pinned.hpp"

namespace {

class PinnedStaging {
 public:
  explicit PinnedStaging(const aisp::Setup& setup) : host_(setup.param("n")) {}
  void operator()(aisp::Slot slot, aisp::Vector<const float> x, aisp::Vector<float> y) const {
    AISP_CUDA(cudaMemcpyAsync(host_.get(), x.data, host_.bytes(), cudaMemcpyDeviceToHost, aisp::stream(slot)));
    AISP_CUDA(cudaMemcpyAsync(y.data, host_.get(), host_.bytes(), cudaMemcpyHostToDevice, aisp::stream(slot)));
  }

 private:
  ch02::Pinned host_;
};

}  // namespace

AISP_VARIANT(PinnedStaging, .about = "pinned host memory");
