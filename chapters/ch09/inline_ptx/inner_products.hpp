// The kernel but for its innermost step: a thread has a vector, reads 16 bytes of it at a time and multiplies them with
// the same 16 bytes of every query, which lie in shared memory and are the same for all lanes.
#pragma once

#include <aisp/cuda.hpp>

namespace ch09 {

constexpr int threads = 256, most_queries = 16;

// `Step{}(sum, a, b)` adds the products of four pairs of signed bytes.
template <class Step>
__global__ void __launch_bounds__(threads)
    inner_products(const int4* __restrict__ vectors, const int4* __restrict__ queries, int* __restrict__ y,
                   std::int64_t count, int pieces, int how_many) {
  extern __shared__ int4 shared[];  // (piece, query), padded with zeros
  for (int at = threadIdx.x; at < pieces * most_queries; at += threads) {
    const int piece = at / most_queries, q = at % most_queries;
    shared[at] = q < how_many ? queries[q * pieces + piece] : int4{};
  }
  __syncthreads();
  const std::int64_t i = std::int64_t{blockIdx.x} * threads + threadIdx.x;
  if (i >= count) return;
  int sum[most_queries] = {};
  for (int piece = 0; piece < pieces; ++piece) {
    const int4 v = __ldg(vectors + i * pieces + piece);
#pragma unroll
    for (int q = 0; q < most_queries; ++q) {
      const int4 w = shared[piece * most_queries + q];
      Step{}(sum[q], v.x, w.x), Step{}(sum[q], v.y, w.y), Step{}(sum[q], v.z, w.z), Step{}(sum[q], v.w, w.w);
    }
  }
  if (how_many == most_queries) {
#pragma unroll
    for (int q = 0; q < most_queries; q += 4)
      reinterpret_cast<int4*>(y)[i * (most_queries / 4) + q / 4] = {sum[q], sum[q + 1], sum[q + 2], sum[q + 3]};
  } else {
#pragma unroll
    for (int q = 0; q < most_queries; ++q)
      if (q < how_many) y[i * how_many + q] = sum[q];
  }
}

template <class Step>
void run(aisp::Slot slot, aisp::Matrix<const std::int8_t> vectors, aisp::Matrix<const std::int8_t> queries,
         aisp::Matrix<std::int32_t> y) {
  const int pieces = static_cast<int>(vectors.dim(1) / 16);
  inner_products<Step>
      <<<aisp::blocks(vectors.dim(0), threads), threads, sizeof(int4) * static_cast<std::size_t>(pieces * most_queries),
         aisp::stream(slot)>>>(reinterpret_cast<const int4*>(vectors.data), reinterpret_cast<const int4*>(queries.data),
                               y.data, vectors.dim(0), pieces, static_cast<int>(queries.dim(0)));
}

}  // namespace ch09
