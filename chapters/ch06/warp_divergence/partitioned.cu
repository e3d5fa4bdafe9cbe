// Partitioned: a block sorts the 1024 elements of its tile by kind in shared memory, kind 0 from the front and kind 1
// from the back, with one ballot and two counters a warp. Warps then run one rule each; only the one warp at the border
// diverges. Results go back through shared memory, so that stores stay coalesced. Expected: about 1.7 times the
// baseline. What binds it: arithmetic, the mean of both rules.
#include "rules.hpp"

namespace {

constexpr int threads = 256, tile = 1024;

__global__ void __launch_bounds__(threads)
    iterate(const std::uint8_t* __restrict__ kind, const float* __restrict__ x, float* __restrict__ y, std::int64_t n) {
  __shared__ float value[tile], result[tile];  // value: sorted by kind; result: in the elements' order
  __shared__ short position[tile];             // of the sorted elements
  __shared__ int front, back;
  const auto first = std::int64_t{blockIdx.x} * tile;
  const int count = n - first < tile ? static_cast<int>(n - first) : tile;
  const int lane = threadIdx.x % 32;
  if (threadIdx.x == 0) front = 0, back = count;
  __syncthreads();

  for (int i = threadIdx.x; i < tile; i += threads) {  // the same steps for all: ballots need whole warps
    const bool valid = i < count, second = valid && kind[first + i] != 0;
    const unsigned zeros = __ballot_sync(0xffffffffu, valid && !second), ones = __ballot_sync(0xffffffffu, second);
    int zeros_at = 0, ones_at = 0;
    if (lane == 0) {
      zeros_at = atomicAdd(&front, __popc(zeros));
      ones_at = atomicSub(&back, __popc(ones));
    }
    zeros_at = __shfl_sync(0xffffffffu, zeros_at, 0);
    ones_at = __shfl_sync(0xffffffffu, ones_at, 0);
    const unsigned before = (1u << lane) - 1;
    if (valid) {
      const int to = second ? ones_at - 1 - __popc(ones & before) : zeros_at + __popc(zeros & before);
      value[to] = x[first + i];
      position[to] = static_cast<short>(i);
    }
  }
  __syncthreads();

  for (int i = threadIdx.x; i < count; i += threads)
    result[position[i]] = i < front ? rules::damp(value[i]) : rules::divide(value[i]);
  __syncthreads();
  for (int i = threadIdx.x; i < count; i += threads) y[first + i] = result[i];
}

void run(aisp::Slot slot, aisp::Vector<const std::uint8_t> kind, aisp::Vector<const float> x, aisp::Vector<float> y) {
  iterate<<<aisp::blocks(y.size(), tile), threads, 0, aisp::stream(slot)>>>(kind.data, x.data, y.data, y.size());
}

}  // namespace

AISP_VARIANT(run, .about = "elements sorted by kind within a block");
