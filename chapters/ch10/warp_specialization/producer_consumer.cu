// Producer and consumers: one more warp, of which one thread orders a tile at a time from the copy engine, as soon as
// its stage is free; the other eight only compute. Two barriers a stage, full and empty, are all that they know of each
// other: a warp that is done goes on to the next tile while others still compute. Same ring, same filter.
// Expected: 1.05 to 1.3 times the baseline. What binds it: memory bandwidth, or loads from shared memory.
#include <aisp/cuda/bulk_copy.hpp>

#include "filter.hpp"

namespace {

using namespace ch10;

constexpr int consumer_warps = kFilterThreads / 32, threads = kFilterThreads + 32;

__global__ void __launch_bounds__(threads) filter_tiles(const float* __restrict__ x, const float* __restrict__ weights,
                                                        float* __restrict__ y, std::int64_t n) {
  using namespace aisp::cuda;
  extern __shared__ __align__(128) float ring[];
  __shared__ Barrier full[kStages], empty[kStages];
  if (threadIdx.x == 0) {
    for (int s = 0; s < kStages; ++s) {
      init(full[s], 1);
      init(empty[s], consumer_warps);
    }
    fence_barrier_init();
  }
  __syncthreads();

  int stage = 0, round = 0;  // parity of the ring's turn
  const auto advance = [&] {
    if (++stage == kStages) {
      stage = 0;
      round ^= 1;
    }
  };
  if (threadIdx.x >= kFilterThreads) {  // the producer
    if (threadIdx.x > kFilterThreads) return;
    for (std::int64_t k = blockIdx.x; k * kOutputs < n; k += gridDim.x, advance()) {
      wait(empty[stage], round ^ 1);  // passes at once in the first turn: the phase before the first counts as over
      float* tile = ring + stage * kInputs;
      const auto first = k * kOutputs, left = n + kTaps - 1 - first, length = left < kInputs ? left : kInputs;
      const auto bulk = length / 4 * 4;
      for (auto i = bulk; i < length; ++i) tile[i] = x[first + i];  // the last tile's end is no multiple of 16 bytes
      const auto bytes = static_cast<std::uint32_t>(bulk * std::int64_t{sizeof(float)});
      arrive_expecting(full[stage], bytes);
      load_bulk(tile, x + first, bytes, full[stage]);
    }
    return;
  }

  float weight[kTaps];
#pragma unroll
  for (int t = 0; t < kTaps; ++t) weight[t] = weights[t];
  for (std::int64_t k = blockIdx.x; k * kOutputs < n; k += gridDim.x, advance()) {
    wait(full[stage], round);
    filter_tile(ring + stage * kInputs, weight, y + k * kOutputs, n - k * kOutputs);
    __syncwarp();  // all lanes have read
    if (threadIdx.x % 32 == 0) arrive(empty[stage]);
  }
}

class Specialised {
 public:
  explicit Specialised(const aisp::Setup&) : blocks_(resident_blocks(filter_tiles, threads)) {}
  void operator()(aisp::Slot slot, aisp::Vector<const float> x, aisp::Vector<const float> weight,
                  aisp::Vector<float> y) const {
    filter_tiles<<<blocks_, threads, kRingBytes, aisp::stream(slot)>>>(x.data, weight.data, y.data, y.size());
  }

 private:
  int blocks_;
};

}  // namespace

AISP_VARIANT(Specialised, .about = "one thread orders tiles from the copy engine, eight warps compute");
