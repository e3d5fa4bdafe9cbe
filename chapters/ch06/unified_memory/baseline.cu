// Baseline: the kernel reads managed memory whose pages lie on the host. Each first touch of a page is a fault; the
// driver collects faults, moves pages and lets the warps go on. What binds it: the handling of faults, by software.
#include "managed.hpp"

namespace {

class Faulting {
 public:
  explicit Faulting(const aisp::Setup& setup) : buffer_(setup) {}
  void operator()(aisp::Slot slot, aisp::Vector<const float> x, aisp::Vector<float> y) const {
    buffer_.fill_on_host(x.data, aisp::stream(slot));
    buffer_.scale_into(y.data, aisp::stream(slot));
  }

 private:
  managed::Buffer buffer_;
};

}  // namespace

AISP_VARIANT(Faulting, .about = "pages move when the kernel faults on them");
