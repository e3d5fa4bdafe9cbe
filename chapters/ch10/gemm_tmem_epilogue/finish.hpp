// Bias and activation of 32 sums of a row, as they come out of tensor memory.
#pragma once

#include "../../ch09/gemm_epilogue/gelu.hpp"
#include "../../ch09/tcgen05_product.hpp"

namespace tmem_epilogue {

using namespace gemm;

struct BiasGelu {
  const bf16* bias;
  int columns;  // a multiple of eight

  __device__ void operator()(float (&v)[32], int col) const {
#pragma unroll
    for (int i = 0; i < 32; i += 8) {
      if (col + i >= columns) break;
      const uint4 eight = *reinterpret_cast<const uint4*>(bias + col + i);
      const auto* pairs = reinterpret_cast<const __nv_bfloat162*>(&eight);
#pragma unroll
      for (int j = 0; j < 4; ++j) {
        const float2 with = __bfloat1622float2(pairs[j]);
        v[i + 2 * j] = ch09::gelu(v[i + 2 * j] + with.x);
        v[i + 2 * j + 1] = ch09::gelu(v[i + 2 * j + 1] + with.y);
      }
    }
  }
};

// The layer, with one accumulator or two.
template <int accumulators> class Layer {
 public:
  explicit Layer(const aisp::Setup& setup) : product_(setup) {}
  void bind(aisp::Slot slot, Input x, Input w, aisp::Vector<const bf16>, Output y) { product_.bind(slot, x, w, y); }
  void operator()(aisp::Slot slot, Input x, Input, aisp::Vector<const bf16> bias, Output y) const {
    product_(slot, x, y, BiasGelu{bias.data, static_cast<int>(y.dim(1))});
  }

 private:
  tcgen05_product::Product<accumulators, BiasGelu> product_;
};

}  // namespace tmem_epilogue
