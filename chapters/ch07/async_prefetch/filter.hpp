// What both variants share: the sizes of a tile, and the filter of one tile that lies in shared memory.
#pragma once

#include <aisp/cuda.hpp>

namespace filter {

constexpr int taps = 9, threads = 256, blocks_per_multiprocessor = 4;
constexpr int outputs = 4096, inputs = outputs + taps - 1;  // of a tile
static_assert(inputs % 4 == 0);

// y[i] = Σ weight[t]·tile[i + t] for the first `count` outputs of the tile; all threads of the block.
__device__ inline void filter_tile(const float* tile, const float (&weight)[taps], float* y, std::int64_t count) {
  for (int i = threadIdx.x; i < outputs && i < count; i += threads) {
    float sum = 0;
#pragma unroll
    for (int t = 0; t < taps; ++t) sum += weight[t] * tile[i + t];
    y[i] = sum;
  }
}

// The part of a tile that a 16-byte access would overrun: element by element, zeros past the end.
__device__ inline void load_end(float* tile, const float* x, int i, std::int64_t length) {
  for (int l = i; l < i + 4; ++l) tile[l] = l < length ? x[l] : 0.0f;
}

}  // namespace filter
