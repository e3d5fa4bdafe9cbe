// Four chains: a recurrence that is linear can be cut. Each thread takes its channel in four quarters: a first pass,
// from zero, finds what three of them add to the state; from that and decay^length follow the states at the cuts, and
// the second pass walks all four quarters at once, four independent chains in one thread. 1.75 times the work, a
// quarter of the latency. On an H200: 1.5 times the baseline. What binds it: latency still, of lines four times as
// many at once.
#include "recurrence.hpp"

namespace {

constexpr int threads = 32, chains = 4;

// T: float4 where rows are multiples of 16 bytes, otherwise float. `steps` counts T.
template <class T>
__global__ void smooth(const T* __restrict__ x, const float* __restrict__ decay, T* __restrict__ y,
                       std::int64_t channels, std::int64_t steps) {
  const auto c = std::int64_t{blockIdx.x} * threads + threadIdx.x;
  if (c >= channels) return;
  const T* in = x + c * steps;
  T* out = y + c * steps;
  const float d = decay[c];
  const auto quarter = steps / chains;

  float added[chains - 1] = {};
#pragma unroll 1
  for (std::int64_t k = 0; k < quarter; ++k)
#pragma unroll
    for (int q = 0; q < chains - 1; ++q) {
      T unused;
      added[q] = ch06::advance(added[q], d, in[q * quarter + k], unused);
    }

  const float faded = powf(d, static_cast<float>(quarter * (sizeof(T) / sizeof(float))));
  float state[chains] = {};
#pragma unroll
  for (int q = 1; q < chains; ++q) state[q] = faded * state[q - 1] + added[q - 1];
#pragma unroll 1
  for (std::int64_t k = 0; k < quarter; ++k) {
    T walked[chains];
#pragma unroll
    for (int q = 0; q < chains; ++q) state[q] = ch06::advance(state[q], d, in[q * quarter + k], walked[q]);
#pragma unroll
    for (int q = 0; q < chains; ++q) out[q * quarter + k] = walked[q];
  }
  for (auto t = chains * quarter; t < steps; ++t)
    state[chains - 1] = ch06::advance(state[chains - 1], d, in[t], out[t]);
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

AISP_VARIANT(run, .about = "four independent chains per thread");
