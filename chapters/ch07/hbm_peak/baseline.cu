// Baseline: the grid-stride copy of every introduction, with 16-byte accesses and as many threads as the machine holds.
// One load a thread is under way at a time, or as many as the compiler unrolls. What binds it: memory bandwidth, less
// what the uneven progress of blocks takes from it: they drift apart, and memory has more pages open at a time.
#include <aisp/cuda.hpp>

namespace {

constexpr int threads = 256, blocks_per_multiprocessor = 8;

__global__ void copy(const float* __restrict__ x, float* __restrict__ y, std::int64_t n) {
  const auto step = std::int64_t{gridDim.x} * blockDim.x, vectors = n / 4;
  const auto start = std::int64_t{blockIdx.x} * blockDim.x + threadIdx.x;
  const auto* from = reinterpret_cast<const float4*>(x);
  auto* to = reinterpret_cast<float4*>(y);
  for (auto i = start; i < vectors; i += step) to[i] = from[i];
  if (start < n % 4) y[4 * vectors + start] = x[4 * vectors + start];
}

void run(aisp::Slot slot, aisp::Vector<const float> x, aisp::Vector<float> y) {
  copy<<<aisp::multiprocessors() * blocks_per_multiprocessor, threads, 0, aisp::stream(slot)>>>(x.data, y.data,
                                                                                                y.size());
}

}  // namespace

AISP_VARIANT(run, .about = "grid-stride loop of 16-byte accesses");
