// One launch: the vector becomes a dimension of the grid; every block finds its vector and its factor by its index.
// Expected: two orders of magnitude over the baseline. What binds it: memory bandwidth, and the one launch.
#include <aisp/cuda.hpp>

namespace {

constexpr int threads = 256;

__global__ void scale(const float* __restrict__ x, const float* __restrict__ factor, float* __restrict__ y,
                      std::int64_t length) {
  const auto i = std::int64_t{blockIdx.y} * threads + threadIdx.x, v = std::int64_t{blockIdx.x};
  if (i < length) y[v * length + i] = factor[v] * x[v * length + i];
}

void run(aisp::Slot slot, aisp::Matrix<const float> x, aisp::Vector<const float> factor, aisp::Matrix<float> y) {
  const dim3 grid(static_cast<unsigned>(x.dim(0)), aisp::blocks(x.dim(1), threads));
  scale<<<grid, threads, 0, aisp::stream(slot)>>>(x.data, factor.data, y.data, x.dim(1));
}

}  // namespace

AISP_VARIANT(run, .about = "one launch for all vectors");
