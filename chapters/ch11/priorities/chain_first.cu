// Priority: the chain's stream has the highest. Running blocks are not interrupted, but whenever a place becomes free
// the chain's blocks get it before the large kernel's. A small kernel waits for a few blocks to end, some µs, instead
// of for all of them, and the chain runs within the time of the large kernel. Expected: 1.1 to 1.4 times the baseline;
// for the chain alone, which answers first, far more. What binds it: the large kernel.
#include "two_streams.hpp"

namespace {

class ChainFirst {
 public:
  explicit ChainFirst(const aisp::Setup&) : streams_(ch11::highest_priority()) {}
  void operator()(aisp::Slot slot, aisp::Vector<const float> x, aisp::Vector<const float> u,
                  aisp::Vector<const float> start, aisp::Vector<const float> rate, aisp::Vector<float> y,
                  aisp::Vector<float> z) const {
    streams_.run(aisp::stream(slot), x, u, start, rate, y, z);
  }

 private:
  ch11::TwoStreams streams_;
};

}  // namespace

AISP_VARIANT(ChainFirst, .about = "the chain's stream has the highest priority");
