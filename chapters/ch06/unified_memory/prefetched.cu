// Prefetched: the same, but the pages are asked for before the kernel starts, and come as one long copy.
// Expected: 1.5 times the baseline or more, of which the way to the host, in both, hides a part.
// What binds it: the link between host and device.
#include "managed.hpp"

namespace {

class Prefetched {
 public:
  explicit Prefetched(const aisp::Setup& setup) : buffer_(setup) {}
  void operator()(aisp::Slot slot, aisp::Vector<const float> x, aisp::Vector<float> y) const {
    buffer_.fill_on_host(x.data, aisp::stream(slot));
    buffer_.prefetch_to_device(aisp::stream(slot));
    buffer_.scale_into(y.data, aisp::stream(slot));
  }

 private:
  managed::Buffer buffer_;
};

}  // namespace

AISP_VARIANT(Prefetched, .about = "pages prefetched before the kernel");
