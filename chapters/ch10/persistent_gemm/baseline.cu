// Baseline: one tile a block, row by row of C. A block begins with an empty ring, ends with its way out, and only then
// another takes its place. What binds it: the tensor cores rest at both ends of a tile; and the L2, since blocks beside
// each other share rows of A, but go through all of B.
#include "orders.hpp"

namespace {

using namespace gemm;

class OneTileABlock {
 public:
  explicit OneTileABlock(const aisp::Setup& setup) : product_(setup) {}
  void bind(aisp::Slot slot, Input a, Input b, Output c) { product_.bind(slot, a, b, c); }
  void operator()(aisp::Slot slot, Input a, Input, Output c) const {
    const RowByRow order{product_.tiles_m(c), product_.tiles_n(c)};
    product_(slot, a, c, order, order.tiles_m * order.tiles_n);
  }

 private:
  Product<Unchanged, RowByRow> product_;
};

}  // namespace

AISP_VARIANT(OneTileABlock, .about = "one tile a block, row by row");
