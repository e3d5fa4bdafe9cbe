// Baseline: the product, then a kernel of its own for bias and activation, 16 bytes an access. What binds it: the
// second kernel's traffic, which writes and reads the whole of the layer's output once more, and during which no tensor
// core works.
#include "../persistent_gemm.hpp"
#include "gelu.hpp"

namespace {

using namespace gemm;

constexpr int per_thread = 8;

__global__ void __launch_bounds__(256)
    activate(const bf16* __restrict__ bias, bf16* __restrict__ y, std::int64_t pieces, int columns) {
  const auto step = std::int64_t{gridDim.x} * blockDim.x;
  for (auto at = std::int64_t{blockIdx.x} * blockDim.x + threadIdx.x; at < pieces; at += step) {
    uint4 value = reinterpret_cast<const uint4*>(y)[at];
    const uint4 added = reinterpret_cast<const uint4*>(bias)[at % (columns / per_thread)];
    auto* v = reinterpret_cast<__nv_bfloat162*>(&value);
    const auto* b = reinterpret_cast<const __nv_bfloat162*>(&added);
#pragma unroll
    for (int i = 0; i < per_thread / 2; ++i) {
      const float2 sum = __bfloat1622float2(v[i]), with = __bfloat1622float2(b[i]);
      v[i] = __floats2bfloat162_rn(ch09::gelu(sum.x + with.x), ch09::gelu(sum.y + with.y));
    }
    reinterpret_cast<uint4*>(y)[at] = value;
  }
}

class ProductThenActivation {
 public:
  explicit ProductThenActivation(const aisp::Setup& setup) : product_(setup) {}
  void bind(aisp::Slot slot, Input x, Input w, aisp::Vector<const bf16>, Output y) { product_.bind(slot, x, w, y); }
  void operator()(aisp::Slot slot, Input x, Input, aisp::Vector<const bf16> bias, Output y) const {
    product_(slot, x, y);
    const std::int64_t pieces = y.size() / per_thread;
    const auto blocks = std::min<std::int64_t>(aisp::blocks(pieces, 256), 8 * multiprocessors_);
    activate<<<static_cast<unsigned>(blocks), 256, 0, aisp::stream(slot)>>>(bias.data, y.data, pieces,
                                                                            static_cast<int>(y.dim(1)));
  }

 private:
  Product<Unchanged, Grouped, 256, 2> product_;
  int multiprocessors_ = aisp::multiprocessors();
};

}  // namespace

AISP_VARIANT(ProductThenActivation, .about = "product, then bias and GELU in a kernel of their own");
