// Baseline: a block walks over tiles; it loads one into shared memory, through registers, waits, filters it, waits, and
// goes on. While it computes it has no load under way, and while it loads it computes nothing; only the other blocks of
// the multiprocessor fill the gaps. What binds it: the sum of the latency of memory and the time of the filter.
#include "filter.hpp"

namespace {

using namespace filter;

__global__ void __launch_bounds__(threads) filter_tiles(const float* __restrict__ x, const float* __restrict__ weights,
                                                        float* __restrict__ y, std::int64_t n) {
  __shared__ alignas(16) float tile[inputs];
  float weight[taps];
#pragma unroll
  for (int t = 0; t < taps; ++t) weight[t] = weights[t];
  const auto tiles = (n + outputs - 1) / outputs;
  for (std::int64_t k = blockIdx.x; k < tiles; k += gridDim.x) {
    const auto first = k * outputs, length = n + taps - 1 - first;
#pragma unroll
    for (int i = 4 * threadIdx.x; i < inputs; i += 4 * threads)
      if (i + 4 <= length)
        *reinterpret_cast<float4*>(tile + i) = *reinterpret_cast<const float4*>(x + first + i);
      else
        load_end(tile, x + first, i, length);
    __syncthreads();
    filter_tile(tile, weight, y + first, n - first);
    __syncthreads();  // before the tile is overwritten
  }
}

void run(aisp::Slot slot, aisp::Vector<const float> x, aisp::Vector<const float> weight, aisp::Vector<float> y) {
  filter_tiles<<<aisp::multiprocessors() * blocks_per_multiprocessor, threads, 0, aisp::stream(slot)>>>(
      x.data, weight.data, y.data, y.size());
}

}  // namespace

AISP_VARIANT(run, .about = "load, wait, compute, wait");
