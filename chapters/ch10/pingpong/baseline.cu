// Baseline: cooperative. Two warpgroups share a tile of 128 × 256, see ../../ch09/persistent_gemm.hpp: one is two steps
// ahead, so a part of its way out is hidden. What binds it: the tensor cores rest during the other part.
#include "../../ch09/persistent_gemm.hpp"

namespace {

using namespace gemm;

class Cooperative {
 public:
  explicit Cooperative(const aisp::Setup& setup) : product_(setup) {}
  void bind(aisp::Slot slot, Input a, Input b, Output c) { product_.bind(slot, a, b, c); }
  void operator()(aisp::Slot slot, Input a, Input, Output c) const { product_(slot, a, c); }

 private:
  Product<> product_;
};

}  // namespace

AISP_VARIANT(Cooperative, .about = "two warpgroups share a tile of 128 × 256");
