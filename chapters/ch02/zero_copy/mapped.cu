// Mapped: the pinned memory has an address on the device, and the kernel reads it over the link; every line comes once.
// The copy, and the wait for its end, are gone. Expected: 1.3 times the baseline for small vectors; about even for
// large ones, where both wait for the same bytes; a loss where a kernel reads its data more than once. What binds it:
// the link's latency over the reads in flight.
#include "../pinned.hpp"
#include "scale.hpp"

namespace {

class Mapped {
 public:
  explicit Mapped(const aisp::Setup& setup) : host_(setup.param("n")), on_device_(host_.on_device()) {}
  void operator()(aisp::Slot slot, aisp::Vector<const float> x, aisp::Vector<float> y) const {
    const auto stream = aisp::stream(slot);
    AISP_CUDA(cudaMemcpyAsync(host_.get(), x.data, host_.bytes(), cudaMemcpyDeviceToHost, stream));
    zero_copy::launch_scale(stream, on_device_, y.data, y.size());
  }

 private:
  ch02::Pinned host_;
  const float* on_device_;
};

}  // namespace

AISP_VARIANT(Mapped, .about = "the kernel reads mapped host memory");
