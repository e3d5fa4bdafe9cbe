// Softmax with one read: a block per row, which it keeps in registers. All of a row's loads are under way at once;
// each thread takes the exponentials of its elements against its own maximum, and one fold over the block finds
// maximum and sum together (online softmax, Milakov and Gimelshein, 2018). What then remains is one factor a thread.
#pragma once

#include "softmax.hpp"

namespace ch09 {

template <class T, int threads, int vectors, bool whole>
__global__ void __launch_bounds__(threads) in_registers(const T* __restrict__ x, T* __restrict__ y, int cols) {
  using Row = Layout<T, threads, whole>;
  constexpr int per = per_vector<T>;
  __shared__ PowerSum partial[threads / 32];
  const auto start = std::int64_t{blockIdx.x} * cols;

  uint4 raw[vectors];
#pragma unroll
  for (int k = 0; k < vectors; ++k) raw[k] = Row::load(x + start, cols, k, minus_infinity<T>);

  float v[vectors][per], top = -FLT_MAX;
#pragma unroll
  for (int k = 0; k < vectors; ++k) {
    unpack(raw[k], v[k]);
#pragma unroll
    for (int e = 0; e < per; ++e) top = fmaxf(top, v[k][e]);
  }
  PowerSum own{shift_of(top), 0};
#pragma unroll
  for (int k = 0; k < vectors; ++k)
#pragma unroll
    for (int e = 0; e < per; ++e) own.sum += v[k][e] = power(v[k][e], own.shift);

  const PowerSum row = merge_block(own, partial);
  const float factor = exp2_approx(own.shift - row.shift) / row.sum;
#pragma unroll
  for (int k = 0; k < vectors; ++k) {
#pragma unroll
    for (int e = 0; e < per; ++e) v[k][e] *= factor;
    Row::store(y + start, cols, k, v[k]);
  }
}

template <class T> void softmax_in_registers(cudaStream_t stream, aisp::Matrix<const T> x, aisp::Matrix<T> y) {
  constexpr int vectors = 4;  // of 16 bytes a thread: 8192 bfloat16 are 256 threads, 64 bytes under way in each
  launch_rows<T, vectors>(x.dim(1), [&]<int threads, bool whole>() {
    in_registers<T, threads, vectors, whole>
        <<<static_cast<unsigned>(x.dim(0)), threads, 0, stream>>>(x.data, y.data, static_cast<int>(x.dim(1)));
  });
}

}  // namespace ch09
