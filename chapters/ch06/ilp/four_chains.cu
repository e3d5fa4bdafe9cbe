// Four chains: a recurrence that is linear can be cut. Each thread takes its channel in four quarters: a first pass,
// from zero, finds what three of them add to the state; from that and decay^length follow the states at the cuts, and
// the second pass walks all four quarters at once, four independent chains in one thread. 1.75 times the work, a
// quarter of the latency. Expected: about twice the baseline. What binds it: latency still, of lines four times as many
// at once.
#include <aisp/cuda.hpp>

namespace {

constexpr int threads = 32, chains = 4;

__global__ void smooth(const float* __restrict__ x, const float* __restrict__ decay, float* __restrict__ y,
                       std::int64_t channels, std::int64_t steps) {
  const auto c = std::int64_t{blockIdx.x} * threads + threadIdx.x;
  if (c >= channels) return;
  const float* in = x + c * steps;
  float* out = y + c * steps;
  const float d = decay[c];
  const auto quarter = steps / chains;

  float added[chains - 1] = {};
#pragma unroll 4
  for (std::int64_t k = 0; k < quarter; ++k)
#pragma unroll
    for (int q = 0; q < chains - 1; ++q) added[q] = d * added[q] + in[q * quarter + k];

  const float faded = powf(d, static_cast<float>(quarter));
  float state[chains] = {};
#pragma unroll
  for (int q = 1; q < chains; ++q) state[q] = faded * state[q - 1] + added[q - 1];
#pragma unroll 4
  for (std::int64_t k = 0; k < quarter; ++k)
#pragma unroll
    for (int q = 0; q < chains; ++q) out[q * quarter + k] = state[q] = d * state[q] + in[q * quarter + k];
  for (auto t = chains * quarter; t < steps; ++t) out[t] = state[chains - 1] = d * state[chains - 1] + in[t];
}

void run(aisp::Slot slot, aisp::Matrix<const float> x, aisp::Vector<const float> decay, aisp::Matrix<float> y) {
  smooth<<<aisp::blocks(x.dim(0), threads), threads, 0, aisp::stream(slot)>>>(x.data, decay.data, y.data, x.dim(0),
                                                                              x.dim(1));
}

}  // namespace

AISP_VARIANT(run, .about = "four independent chains per thread");
