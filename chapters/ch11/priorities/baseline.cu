// Baseline: two streams of equal priority. The large kernel was launched first and has blocks waiting for every place
// that becomes free; the first small kernel gets a place when the last of them has started. So the chain runs when the
// large kernel is over, alone on an empty machine. What binds it: the sum of both.
#include "two_streams.hpp"

namespace {

class EqualPriority {
 public:
  explicit EqualPriority(const aisp::Setup&) : streams_(ch11::lowest_priority()) {}
  void operator()(aisp::Slot slot, aisp::Vector<const float> x, aisp::Vector<const float> u,
                  aisp::Vector<const float> start, aisp::Vector<const float> rate, aisp::Vector<float> y,
                  aisp::Vector<float> z) const {
    streams_.run(aisp::stream(slot), x, u, start, rate, y, z);
  }

 private:
  ch11::TwoStreams streams_;
};

}  // namespace

AISP_VARIANT(EqualPriority, .about = "both streams have the same priority");
