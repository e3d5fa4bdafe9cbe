// Bulk ring: the copy engine moves pieces of 32 KB through rings of 96 KB in shared memory, two blocks a
// multiprocessor: 128 KB of loads in flight on each, whatever the warps do, in requests as long as memory likes them.
// Expected: the copy ceiling. What binds it: memory bandwidth.
#include "../bulk_ring.hpp"

namespace {

class Bulk {
 public:
  explicit Bulk(const aisp::Setup&) {}
  void operator()(aisp::Slot slot, aisp::Vector<const float> x, aisp::Vector<float> y) const {
    copy_(aisp::stream(slot), x.data, y.data, y.size());
  }

 private:
  ch07::BulkCopy<32768, 3> copy_;
};

}  // namespace

AISP_VARIANT(Bulk, .about = "bulk copies through rings of 96 KB");
