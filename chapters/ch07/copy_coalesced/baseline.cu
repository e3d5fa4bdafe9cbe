// Baseline: each thread gets a contiguous share of 32 elements, as one would divide work among CPU threads. At each
// step the 32 lanes of a warp then touch 32 different lines, 4 bytes in each, and whether the rest of a line is still
// in the first cache level when its turn comes is luck. What binds it: 32 transactions for one request, in both
// directions.
#include <aisp/cuda.hpp>

namespace {

constexpr int threads = 256;
constexpr std::int64_t share = 32;  // elements a thread

__global__ void copy(const float* __restrict__ x, float* __restrict__ y, std::int64_t n) {
  const auto first = (std::int64_t{blockIdx.x} * blockDim.x + threadIdx.x) * share;
#pragma unroll 4
  for (std::int64_t k = 0; k < share; ++k)
    if (first + k < n) y[first + k] = x[first + k];
}

void run(aisp::Slot slot, aisp::Vector<const float> x, aisp::Vector<float> y) {
  copy<<<aisp::blocks(y.size(), threads * share), threads, 0, aisp::stream(slot)>>>(x.data, y.data, y.size());
}

}  // namespace

AISP_VARIANT(run, .about = "a contiguous share per thread");
