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
    const int tiles_m = tiles(c.dim(0), tile_m), tiles_n = tiles(c.dim(1), tile_n);
    product_(slot, a, c, RowByRow{tiles_m, tiles_n}, tiles_m * tiles_n);
  }

 private:
  Product<Unchanged, RowByRow> product_;
};

}  // namespace

AISP_VARIANT(OneTileABlock, .about = "one tile a block, row by row");
