// Baseline: one thread per channel, one dependent chain: each step waits for the multiply-add of the step before, and
// the loads that could run ahead of it are few. 1024 channels are 32 warps for a machine that holds 8000, so no other
// warp fills the gaps. What binds it: latency, of the chain and of the lines that it walks through.
#include <aisp/cuda.hpp>

namespace {

constexpr int threads = 32;  // a warp a block, so that the warps spread over the multiprocessors

__global__ void smooth(const float* __restrict__ x, const float* __restrict__ decay, float* __restrict__ y,
                       std::int64_t channels, std::int64_t steps) {
  const auto c = std::int64_t{blockIdx.x} * threads + threadIdx.x;
  if (c >= channels) return;
  const float d = decay[c];
  float state = 0;
#pragma unroll 4
  for (auto i = c * steps; i < (c + 1) * steps; ++i) y[i] = state = d * state + x[i];
}

void run(aisp::Slot slot, aisp::Matrix<const float> x, aisp::Vector<const float> decay, aisp::Matrix<float> y) {
  smooth<<<aisp::blocks(x.dim(0), threads), threads, 0, aisp::stream(slot)>>>(x.data, decay.data, y.data, x.dim(0),
                                                                              x.dim(1));
}

}  // namespace

AISP_VARIANT(run, .about = "one dependent chain per thread");
