// Event waits: after each step either stream waits for an event of the other. The order is the same, but it is kept on
// the device, and the host has issued all steps long before they run. Expected: 2 to 5 times the baseline. What binds
// it: the second level of cache, and a few µs for two streams to meet.
#include "exchange.hpp"

namespace {

class EventWaits {
 public:
  explicit EventWaits(const aisp::Setup& setup) : exchange_(setup) {}
  void operator()(aisp::Slot slot, aisp::Vector<const float> a, aisp::Vector<const float> b,
                  aisp::Vector<const float> rate, aisp::Vector<float> a_end, aisp::Vector<float> b_end) const {
    exchange_.run(aisp::stream(slot), a, b, rate, a_end, b_end, [&](cudaStream_t given, cudaStream_t other) {
      AISP_CUDA(cudaEventRecord(given_done_.get(), given));
      other_done_.order(other, given);
      AISP_CUDA(cudaStreamWaitEvent(other, given_done_.get()));
    });
  }

 private:
  ch11::Exchange exchange_;
  aisp::cuda::Event given_done_, other_done_;
};

}  // namespace

AISP_VARIANT(EventWaits, .about = "streams wait for each other's events");
