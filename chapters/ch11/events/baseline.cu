// Baseline: the host waits for the device after every step, and so has ordered everything. The device stands still from
// the end of a step until the host has noticed it and launched the next. What binds it: that round trip, some 10 µs a
// step.
#include "exchange.hpp"

namespace {

class HostWaits {
 public:
  explicit HostWaits(const aisp::Setup& setup) : exchange_(setup) {}
  void operator()(aisp::Slot slot, aisp::Vector<const float> a, aisp::Vector<const float> b,
                  aisp::Vector<const float> rate, aisp::Vector<float> a_end, aisp::Vector<float> b_end) const {
    exchange_.run(aisp::stream(slot), a, b, rate, a_end, b_end,
                  [](cudaStream_t, cudaStream_t) { AISP_CUDA(cudaDeviceSynchronize()); });
  }

 private:
  ch11::Exchange exchange_;
};

}  // namespace

AISP_VARIANT(HostWaits, .about = "the host waits after every step");
