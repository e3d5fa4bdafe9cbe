// Bulk copies: the same ring of four stages of 16 KB, but a stage is one order to the copy engine in each direction,
// given by one thread; an mbarrier says when its bytes have come. The other threads of a kernel would be free to
// compute. Expected: the baseline's bandwidth or a little more, for a hundredth of its instructions. What binds it:
// memory bandwidth.
#include "../bulk_ring.hpp"

namespace {

class Bulk {
 public:
  explicit Bulk(const aisp::Setup&) {}
  void operator()(aisp::Slot slot, aisp::Vector<const float> x, aisp::Vector<float> y) const {
    copy_(aisp::stream(slot), x.data, y.data, y.size());
  }

 private:
  ch07::BulkCopy<16384, 4> copy_;
};

}  // namespace

AISP_VARIANT(Bulk, .about = "cp.async.bulk into a ring of four stages");
