// Baseline: one block of 256 threads, however long the vectors are: one multiprocessor of the machine works, the others
// watch. (A launch of a single thread, the first program of many, takes a hundred times longer still.)
// What binds it: the latency of memory over the loads that one block has under way.
#include <aisp/cuda.hpp>

namespace {

constexpr int threads = 256;

__global__ void add(const float* __restrict__ x, const float* __restrict__ y, float* __restrict__ z, std::int64_t n) {
  for (std::int64_t i = threadIdx.x; i < n; i += threads) z[i] = x[i] + y[i];
}

void run(aisp::Slot slot, aisp::Vector<const float> x, aisp::Vector<const float> y, aisp::Vector<float> z) {
  add<<<1, threads, 0, aisp::stream(slot)>>>(x.data, y.data, z.data, z.size());
}

}  // namespace

AISP_VARIANT(run, .about = "one block");
