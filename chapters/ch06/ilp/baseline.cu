// Baseline: one thread per channel, one dependent chain: each step waits for the multiply-add of the step before, the
// first of four for their load, and a thread has one load under way. 1024 channels are 32 warps for a machine that
// holds 8000, so no other warp fills the gaps. What binds it: latency, of the chain and of the lines that it walks
// through.
#include "recurrence.hpp"

namespace {

constexpr int threads = 32;  // a warp a block, so that the warps spread over the multiprocessors

// T: float4 where rows are multiples of 16 bytes, otherwise float. `steps` counts T.
template <class T>
__global__ void smooth(const T* __restrict__ x, const float* __restrict__ decay, T* __restrict__ y,
                       std::int64_t channels, std::int64_t steps) {
  const auto c = std::int64_t{blockIdx.x} * threads + threadIdx.x;
  if (c >= channels) return;
  const float d = decay[c];
  float state = 0;
#pragma unroll 1
  for (auto i = c * steps; i < (c + 1) * steps; ++i) {
    T out;
    state = ch06::advance(state, d, x[i], out);
    y[i] = out;
  }
}

void run(aisp::Slot slot, aisp::Matrix<const float> x, aisp::Vector<const float> decay, aisp::Matrix<float> y) {
  const auto channels = x.dim(0), steps = x.dim(1);
  const auto blocks = aisp::blocks(channels, threads);
  if (steps % 4 == 0)
    smooth<<<blocks, threads, 0, aisp::stream(slot)>>>(reinterpret_cast<const float4*>(x.data), decay.data,
                                                       reinterpret_cast<float4*>(y.data), channels, steps / 4);
  else
    smooth<<<blocks, threads, 0, aisp::stream(slot)>>>(x.data, decay.data, y.data, channels, steps);
}

}  // namespace

AISP_VARIANT(run, .about = "one dependent chain per thread");
