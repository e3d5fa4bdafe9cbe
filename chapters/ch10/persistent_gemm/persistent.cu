// Persistent: one block a multiprocessor takes tile after tile, and its fetching thread is in the next one while the
// last is on its way out. The order is still row by row. What binds it: the tensor cores, and the L2 as before.
#include "orders.hpp"

namespace {

using namespace gemm;

class Persistent {
 public:
  explicit Persistent(const aisp::Setup& setup) : product_(setup) {}
  void bind(aisp::Slot slot, Input a, Input b, Output c) { product_.bind(slot, a, b, c); }
  void operator()(aisp::Slot slot, Input a, Input, Output c) const { product_(slot, a, c); }

 private:
  Product<Unchanged, RowByRow> product_;
};

}  // namespace

AISP_VARIANT(Persistent, .about = "one block a multiprocessor, row by row");
