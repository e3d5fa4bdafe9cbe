// Fused: bias and activation are applied to the accumulators in registers, before they are rounded and stored. Effect:
// one trip of the output to memory instead of three, a rounding less, one launch. What binds it: the tensor cores, and
// while a warpgroup activates, only the other one feeds them.
#include "../persistent_gemm.hpp"
#include "gelu.hpp"

namespace {

using namespace gemm;

struct BiasGelu {
  const bf16* bias;
  int columns;

  template <int count> __device__ void operator()(float (&d)[count], int col) const {
#pragma unroll
    for (int j = 0; j < count / 4; ++j) {
      const int at = col + 8 * j + threadIdx.x % 4 * 2;
      const bool inside = at < columns;  // no branch: what lies outside is not stored
      const float2 with = __bfloat1622float2(*reinterpret_cast<const __nv_bfloat162*>(bias + (inside ? at : 0)));
#pragma unroll
      for (int h = 0; h < 2; ++h) {
        d[4 * j + 2 * h] = ch09::gelu(d[4 * j + 2 * h] + with.x);
        d[4 * j + 2 * h + 1] = ch09::gelu(d[4 * j + 2 * h + 1] + with.y);
      }
    }
  }
};

class Fused {
 public:
  explicit Fused(const aisp::Setup& setup) : product_(setup) {}
  void bind(aisp::Slot slot, Input x, Input w, aisp::Vector<const bf16>, Output y) { product_.bind(slot, x, w, y); }
  void operator()(aisp::Slot slot, Input x, Input, aisp::Vector<const bf16> bias, Output y) const {
    product_(slot, x, y, BiasGelu{bias.data, static_cast<int>(y.dim(1))});
  }

 private:
  Product<BiasGelu, Grouped, 256, 2> product_;
};

}  // namespace

AISP_VARIANT(Fused, .about = "bias and GELU on the accumulators, in registers");
