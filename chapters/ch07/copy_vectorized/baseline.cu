// Baseline: a grid-stride loop in which each thread moves one float at a time, neighbours next to each other. A warp's
// access is one line of 128 bytes, so no byte is wasted; but every 4 bytes cost an instruction on each side, and the
// few loads that a thread has under way keep too few bytes in flight. What binds it: the latency of memory over those
// bytes.
#include <aisp/cuda.hpp>

namespace {

constexpr int threads = 256, blocks_per_multiprocessor = 8;

__global__ void copy(const float* __restrict__ x, float* __restrict__ y, std::int64_t n) {
  const auto step = std::int64_t{gridDim.x} * blockDim.x;
  for (auto i = std::int64_t{blockIdx.x} * blockDim.x + threadIdx.x; i < n; i += step) y[i] = x[i];
}

void run(aisp::Slot slot, aisp::Vector<const float> x, aisp::Vector<float> y) {
  copy<<<aisp::multiprocessors() * blocks_per_multiprocessor, threads, 0, aisp::stream(slot)>>>(x.data, y.data,
                                                                                                y.size());
}

}  // namespace

AISP_VARIANT(run, .about = "grid-stride loop, one float at a time");
