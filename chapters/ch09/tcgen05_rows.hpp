// The way out of a block's accumulator in tensor memory, 128 rows of C, straight to memory: a row a thread.
#pragma once

#include <aisp/cuda/tcgen05.hpp>

#include "gemm.hpp"

namespace gemm {

// By four warps whose numbers differ modulo four. `columns` of the accumulator go to C from (row, col) on, whose rows
// and columns may end inside; n is a multiple of eight.
__device__ inline void store_rows(aisp::cuda::TensorAddress accumulator, int columns, bf16* c, int row, int col, int m,
                                  int n) {
  using namespace aisp::cuda;
  const int quarter = threadIdx.x / 32 % 4;  // a warp reaches the lanes of its quarter only
  const int r = row + quarter * 32 + static_cast<int>(threadIdx.x) % 32;
  for (int at = 0; at < columns; at += 32) {
    std::uint32_t v[32];
    load_columns(v, accumulator + (static_cast<std::uint32_t>(quarter) << 21) + at);
    wait_loads(v);
    const auto two = [&](int i) { return pack(__uint_as_float(v[i]), __uint_as_float(v[i + 1])); };
#pragma unroll
    for (int i = 0; i < 32; i += 8)
      if (r < m && col + at + i < n)
        *reinterpret_cast<uint4*>(c + std::int64_t{r} * n + col + at + i) =
            make_uint4(two(i), two(i + 2), two(i + 4), two(i + 6));
  }
}

}  // namespace gemm
