// What both CUDA variants share: one layer as one kernel, with its bias and, on the first layer, its cut-off at zero.
#pragma once

#include "../product.hpp"

namespace perceptron {

template <bool relu>
__global__ void __launch_bounds__(ch01::threads)
    layer(std::int64_t rows, std::int64_t in, std::int64_t out, const float* __restrict__ x,
          const float* __restrict__ weights, const float* __restrict__ bias, float* __restrict__ y) {
  ch01::product(rows, out, in, x, weights, y, ch01::Bias{bias, relu});
}

// y = relu(x·w1 + b1)·w2 + b2 for x[rows, in]; `h` has room for rows × hidden floats.
inline void forward(cudaStream_t stream, std::int64_t rows, const float* x, aisp::Matrix<const float> w1,
                    aisp::Vector<const float> b1, aisp::Matrix<const float> w2, aisp::Vector<const float> b2, float* h,
                    float* y) {
  const auto in = w1.dim(0), hidden = w1.dim(1), out = w2.dim(1);
  layer<true><<<ch01::tiles(rows, hidden), ch01::threads, 0, stream>>>(rows, in, hidden, x, w1.data, b1.data, h);
  layer<false><<<ch01::tiles(rows, out), ch01::threads, 0, stream>>>(rows, hidden, out, h, w2.data, b2.data, y);
}

}  // namespace perceptron
