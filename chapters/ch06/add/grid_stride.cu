// Grid-stride: as many blocks as the machine holds, each thread steps by the size of the grid. The kernel is right for
// any grid, so its size is chosen for the machine, not for n. Expected: nearly the number of multiprocessors, about a
// hundred times. What binds it: memory latency over the bytes in flight, close to bandwidth.
#include <aisp/cuda.hpp>

namespace {

constexpr int threads = 256, blocks_per_multiprocessor = 8;

__global__ void add(const float* __restrict__ x, const float* __restrict__ y, float* __restrict__ z, std::int64_t n) {
  const auto step = std::int64_t{gridDim.x} * threads;
  for (auto i = std::int64_t{blockIdx.x} * threads + threadIdx.x; i < n; i += step) z[i] = x[i] + y[i];
}

void run(aisp::Slot slot, aisp::Vector<const float> x, aisp::Vector<const float> y, aisp::Vector<float> z) {
  add<<<aisp::multiprocessors() * blocks_per_multiprocessor, threads, 0, aisp::stream(slot)>>>(x.data, y.data, z.data,
                                                                                               z.size());
}

}  // namespace

AISP_VARIANT(run, .about = "grid-stride loop over the whole machine");
