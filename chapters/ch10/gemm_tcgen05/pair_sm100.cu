// A pair of blocks multiplies together, 256 × 256 elements of C at a time: each brings its rows of A and half of the
// rows of B, so that every tile is fetched once for both; persistent, with two accumulators in tensor memory, so that
// the way out of one tile lies beside the products of the next. See ../../ch09/tcgen05_product.hpp. Expected: level
// with cuBLASLt. What binds it: the tensor cores, and the power that they draw. Built for Blackwell only, and not yet
// run on one.
#include "../../ch09/tcgen05_product.hpp"

namespace {

using namespace gemm;

class Pair {
 public:
  explicit Pair(const aisp::Setup& setup) : product_(setup) {}
  void bind(aisp::Slot slot, Input a, Input b, Output c) { product_.bind(slot, a, b, c); }
  void operator()(aisp::Slot slot, Input a, Input, Output c) const { product_(slot, a, c, {}); }

 private:
  tcgen05_product::Product<2, tcgen05_product::Unchanged> product_;
};

}  // namespace

AISP_VARIANT(Pair, .about = "two blocks a product, persistent, two accumulators (Blackwell)");
