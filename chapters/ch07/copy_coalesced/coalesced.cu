// Coalesced: a block still owns the same contiguous piece, and a thread still moves 32 elements, but at each step
// neighbouring lanes move neighbouring elements, so a warp's request is one whole line. Only the index changed.
// Expected: several times the baseline. What binds it: memory latency over the bytes in flight, soon bandwidth.
#include <aisp/cuda.hpp>

namespace {

constexpr int threads = 256;
constexpr std::int64_t share = 32;  // elements a thread

__global__ void copy(const float* __restrict__ x, float* __restrict__ y, std::int64_t n) {
  const auto first = blockIdx.x * (threads * share) + threadIdx.x;
#pragma unroll 4
  for (std::int64_t k = 0; k < share; ++k)
    if (first + k * threads < n) y[first + k * threads] = x[first + k * threads];
}

void run(aisp::Slot slot, aisp::Vector<const float> x, aisp::Vector<float> y) {
  copy<<<aisp::blocks(y.size(), threads * share), threads, 0, aisp::stream(slot)>>>(x.data, y.data, y.size());
}

}  // namespace

AISP_VARIANT(run, .about = "neighbouring lanes move neighbouring elements");
