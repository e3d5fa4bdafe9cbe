// What one does without tensor cores for these formats: numbers and scales are multiplied out to BF16, which holds
// every such value exactly, and the product is one of BF16.
#pragma once

#include <algorithm>

#include "block_scaled_products.hpp"
#include "wmma_product.hpp"

namespace block_scaled_baseline {

using bf16 = __nv_bfloat16;

// Format::value(numbers, scales, row, depth, k) is a number as the references have it.
template <class Format>
__global__ void __launch_bounds__(256)
    widen(const typename Format::Number* __restrict__ numbers, const std::uint8_t* __restrict__ scales,
          bf16* __restrict__ y, std::int64_t n, std::int64_t depth) {
  const auto step = std::int64_t{gridDim.x} * blockDim.x;
  for (auto i = std::int64_t{blockIdx.x} * blockDim.x + threadIdx.x; i < n; i += step)
    y[i] = __float2bfloat16(static_cast<float>(Format::value(numbers, scales, i / depth, depth, i % depth)));
}

template <class Format> class Product {
 public:
  using Numbers = aisp::Matrix<const typename Format::Number>;
  using Scales = aisp::Matrix<const std::uint8_t>;

  explicit Product(const aisp::Setup& setup)
      : k_(setup.param("k")), a_(setup.param("m") * k_), b_(setup.param("n") * k_) {}
  void operator()(aisp::Slot slot, Numbers a, Scales a_scales, Numbers b, Scales b_scales, aisp::Matrix<bf16> c) const {
    const auto stream = aisp::stream(slot);
    widened(a, a_scales, a_, stream);
    widened(b, b_scales, b_, stream);
    wmma_product::multiply(a_.get(), b_.get(), c.data, c.dim(0), c.dim(1), k_, stream);
  }

 private:
  void widened(Numbers numbers, Scales scales, const aisp::DeviceBuffer<bf16>& to, cudaStream_t stream) const {
    const auto blocks = std::min<std::int64_t>(aisp::blocks(to.size(), 256), 1 << 14);
    widen<Format>
        <<<static_cast<unsigned>(blocks), 256, 0, stream>>>(numbers.data, scales.data, to.get(), to.size(), k_);
  }

  std::int64_t k_;
  aisp::DeviceBuffer<bf16> a_, b_;
};

}  // namespace block_scaled_baseline
