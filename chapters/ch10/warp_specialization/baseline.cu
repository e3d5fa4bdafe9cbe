// Baseline: all warps do all. A ring of four tiles, filled by cp.async three tiles ahead, is what every thread keeps
// going beside its outputs: addresses, bounds, copies, groups; and a barrier a tile keeps the warps in step, so that
// all load at the same time and all compute at the same time. What binds it: memory bandwidth and the filter, in turns.
#include <aisp/cuda/async_copy.hpp>

#include "filter.hpp"

namespace {

using namespace ch10;

// Starts the load of tile k, as one group of copies; past the last tile an empty one.
__device__ void start_tile(float* tile, const float* x, std::int64_t n, std::int64_t k) {
  const auto first = k * kOutputs, length = n + kTaps - 1 - first;
  for (int i = 4 * static_cast<int>(threadIdx.x); i < kInputs && i < length && first < n; i += 4 * kFilterThreads)
    if (i + 4 <= length)
      aisp::cuda::copy_async_16(tile + i, x + first + i);
    else
      for (int l = i; l < length; ++l) tile[l] = x[first + l];
  aisp::cuda::commit_copies();
}

__global__ void __launch_bounds__(kFilterThreads)
    filter_tiles(const float* __restrict__ x, const float* __restrict__ weights, float* __restrict__ y,
                 std::int64_t n) {
  extern __shared__ __align__(16) float ring[];
  float weight[kTaps];
#pragma unroll
  for (int t = 0; t < kTaps; ++t) weight[t] = weights[t];
  for (int s = 0; s < kStages - 1; ++s) start_tile(ring + s * kInputs, x, n, blockIdx.x + std::int64_t{s} * gridDim.x);
  int current = 0;
  for (std::int64_t k = blockIdx.x; k * kOutputs < n; k += gridDim.x) {
    aisp::cuda::wait_copies<kStages - 2>();
    __syncthreads();  // this tile is there for all, and all have left the one before
    const int before = (current + kStages - 1) % kStages;
    start_tile(ring + before * kInputs, x, n, k + std::int64_t{kStages - 1} * gridDim.x);
    filter_tile(ring + current * kInputs, weight, y + k * kOutputs, n - k * kOutputs);
    current = (current + 1) % kStages;
  }
  aisp::cuda::wait_copies<0>();
}

class AllDoAll {
 public:
  explicit AllDoAll(const aisp::Setup&) : blocks_(resident_blocks(filter_tiles, kFilterThreads)) {}
  void operator()(aisp::Slot slot, aisp::Vector<const float> x, aisp::Vector<const float> weight,
                  aisp::Vector<float> y) const {
    filter_tiles<<<blocks_, kFilterThreads, kRingBytes, aisp::stream(slot)>>>(x.data, weight.data, y.data, y.size());
  }

 private:
  int blocks_;
};

}  // namespace

AISP_VARIANT(AllDoAll, .about = "every warp loads and computes, a barrier a tile");
